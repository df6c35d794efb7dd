package io.culvert.client;

import java.io.IOException;
import java.time.Instant;

/**
 * A project, what it may have and what it has. Immutable, any thread.
 *
 * @param name never changes
 */
public record Project(String name, String title, Quotas quotas, Instant createdAt, Used used, Document document) {
    /**
     * What there is of it now.
     *
     * @param bytesThisMonth of both directions in this calendar month of UTC, up to a second or two ago
     */
    public record Used(long tunnels, long ports, long sessions, long connections, long bytesThisMonth) {
        static Used read(Answer answer) throws IOException {
            return new Used(
                    answer.number("tunnels"),
                    answer.number("ports"),
                    answer.number("sessions"),
                    answer.number("connections"),
                    answer.number("bytes_this_month"));
        }
    }

    /**
     * What a user is in a project.
     *
     * @param role {@code viewer}, {@code member} or {@code operator}
     */
    public record Member(String project, String user, String role, Document document) {
        static Member read(Answer answer) throws IOException {
            return new Member(answer.text("project"), answer.text("user"), answer.text("role"), answer.document());
        }
    }

    static Project read(Answer answer) throws IOException {
        return new Project(
                answer.text("name"),
                answer.text("title"),
                answer.object("quotas", Quotas::read),
                answer.time("created_at"),
                answer.object("used", Used::read),
                answer.document());
    }
}
