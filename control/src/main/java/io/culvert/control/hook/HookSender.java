package io.culvert.control.hook;

import io.culvert.control.event.Event;
import java.net.URI;
import java.time.Instant;
import java.util.concurrent.CompletionStage;

/** Posts an event to a webhook, once. Any thread. */
public interface HookSender {
    /**
     * Posts it and returns at once. Completes, within ten seconds or so, with the HTTP status of the answer, whatever it is; fails where
     * there was none, with a message in plain words that holds no secret.
     */
    CompletionStage<Integer> send(Call call);

    /**
     * One post.
     *
     * @param delivery stands in the head {@code Culvert-Delivery}
     * @param rule for each address that the host of {@code url} has at this moment
     * @param secret the key of the signature
     * @param at the signature's time
     */
    record Call(String delivery, URI url, AddressRule rule, String secret, Event event, Instant at) {
        @Override
        public String toString() {
            return "Call[delivery=" + delivery + ", url=" + url + ", secret=MASKED]";
        }
    }
}
