package io.culvert.client;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;

/**
 * A server and its limits. Immutable, any thread.
 *
 * @param draining true where it takes no new tunnels and visitors
 * @param agentPort where agents connect
 */
public record ServerStatus(
        String version,
        Instant startedAt,
        Duration uptime,
        boolean draining,
        int agentPort,
        Limits limits,
        Counts counts,
        Document document) {
    /**
     * The most that it takes.
     *
     * @param page tunnels on a page
     * @param bulk tunnels in a call about many
     */
    public record Limits(int page, int bulk, int bodyBytes, int bulkBodyBytes, int eventReaders) {
        static Limits read(Answer answer) throws IOException {
            return new Limits(
                    answer.count("page"),
                    answer.count("bulk"),
                    answer.count("body_bytes"),
                    answer.count("bulk_body_bytes"),
                    answer.count("event_readers"));
        }
    }

    /** What there is now: living tunnels, those in each state, agents' sessions and visitors. */
    public record Counts(
            int tunnels, int waiting, int up, int degraded, int paused, int draining, int sessions, int visitors) {
        static Counts read(Answer answer) throws IOException {
            return new Counts(
                    answer.count("tunnels"),
                    answer.count("waiting"),
                    answer.count("up"),
                    answer.count("degraded"),
                    answer.count("paused"),
                    answer.count("draining"),
                    answer.count("sessions"),
                    answer.count("visitors"));
        }
    }

    static ServerStatus read(Answer answer) throws IOException {
        return new ServerStatus(
                answer.text("version"),
                answer.time("started_at"),
                answer.seconds("uptime_seconds"),
                answer.truth("draining"),
                answer.count("agent_port"),
                answer.object("limits", Limits::read),
                answer.object("counts", Counts::read),
                answer.document());
    }
}
