package io.culvert.control.hook;

import java.util.Optional;

/**
 * A webhook to be made. Immutable, any thread.
 *
 * @param project whose it is to be; empty for the one that the caller has, and where an admin makes it for one of the server, which is told of
 *     all that happens
 * @param url {@code http} or {@code https}, at most 2,048 characters, without user and fragment
 * @param secret 16 to 256 visible ASCII characters; empty to be given one
 */
public record NewWebhook(
        Optional<String> project, String url, Optional<String> secret, Webhook.Filter filter, boolean active) {
    @Override
    public String toString() {
        return "NewWebhook[project=" + project + ", url=" + url + ", secret=MASKED, filter=" + filter + ", active="
                + active + "]";
    }
}
