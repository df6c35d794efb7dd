package io.culvert.control.hook;

import java.util.Optional;

/**
 * A webhook to be made. Immutable, any thread.
 *
 * @param url {@code http} or {@code https}, at most 2,048 characters, without user and fragment
 * @param secret 16 to 256 visible ASCII characters; empty to be given one
 */
public record NewWebhook(String url, Optional<String> secret, Webhook.Filter filter, boolean active) {
    @Override
    public String toString() {
        return "NewWebhook[url=" + url + ", secret=MASKED, filter=" + filter + ", active=" + active + "]";
    }
}
