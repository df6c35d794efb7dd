package io.culvert.client;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Where events are posted. As {@link Tunnels}. Thread-safe. */
public final class Webhooks {
    private final Api api;

    Webhooks(Api api) {
        this.api = api;
    }

    /** All of them, by number. */
    public List<Webhook> list() throws IOException {
        return api.get("webhooks").answer().list("webhooks", Webhook::read);
    }

    /** Has events posted somewhere from now on. */
    public Webhook.WithSecret add(WebhookSettings webhook) throws IOException {
        return Webhook.WithSecret.read(api.post("webhooks").body(webhook.json()).answer());
    }

    /** One of them. */
    public Webhook get(long id) throws IOException {
        return Webhook.read(api.get("webhooks/" + id).answer());
    }

    /** Changes what is named. */
    public Webhook change(long id, WebhookSettings change) throws IOException {
        return Webhook.read(api.patch("webhooks/" + id).body(change.json()).answer());
    }

    /** Takes one away, with all that is on its way to it. */
    public void remove(long id) throws IOException {
        api.delete("webhooks/" + id).done();
    }

    /** A new secret; the old one signs nothing any more. */
    public Webhook.WithSecret rotateSecret(long id) throws IOException {
        return Webhook.WithSecret.read(
                api.post("webhooks/" + id + "/rotate-secret").answer());
    }

    /** Posts a test now, and tells what came of it. */
    public Webhook.Attempt test(long id) throws IOException {
        return Webhook.Attempt.read(api.post("webhooks/" + id + "/test").answer());
    }

    /**
     * What could not be delivered.
     *
     * @param webhook to this one; empty: to any
     */
    public List<Webhook.DeadLetter> deadLetters(Optional<Long> webhook) throws IOException {
        return api.get("webhooks/dead-letters" + new Query().addAny("webhook", webhook))
                .answer()
                .list("dead_letters", Webhook.DeadLetter::read);
    }

    /** Tries a dead letter again, as often as a new one. */
    public Webhook.DeadLetter redeliver(String delivery) throws IOException {
        return Webhook.DeadLetter.read(api.post("webhooks/dead-letters/" + Query.segment(delivery) + "/redeliver")
                .answer());
    }

    /** Lets go of a dead letter. */
    public void drop(String delivery) throws IOException {
        api.delete("webhooks/dead-letters/" + Query.segment(delivery)).done();
    }
}
