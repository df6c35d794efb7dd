package io.culvert.control.hook;

import java.util.Optional;

/**
 * What to change of a webhook; an empty part stays as it is. What is on its way already goes to the new address, signed with the
 * new secret. Immutable, any thread.
 *
 * @param filter all of it, in place of the one that is there
 */
public record WebhookPatch(
        Optional<String> url, Optional<String> secret, Optional<Webhook.Filter> filter, Optional<Boolean> active) {
    @Override
    public String toString() {
        return "WebhookPatch[url=" + url + ", secret=MASKED, filter=" + filter + ", active=" + active + "]";
    }
}
