package io.culvert.client;

/** What happens, as it happens. Thread-safe. */
public final class Events {
    private final Api api;

    Events(Api api) {
        this.api = api;
    }

    /** A feed that is not open yet: {@link EventFeed#run} opens it. */
    public EventFeed feed(EventFilter filter, EventListener listener) {
        return new EventFeed(api, filter, listener);
    }
}
