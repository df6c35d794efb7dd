package io.culvert.control.event;

import java.util.List;

/**
 * Where events outlive the process. Methods wait for the disk and throw a {@link RuntimeException} where it fails; whether a change that
 * failed was made is then not known. Called by one thread at a time.
 */
public interface EventStore {
    /** The newest events, at most so many, and the number that is reserved up to. */
    Restored load(int most);

    /**
     * Makes all of these changes or none.
     *
     * @param events those that must be there, whether they were or not
     * @param firstKept events with smaller numbers are let go of
     * @param nextId what {@link Restored#nextId} is from now on
     */
    void write(List<Event> events, long firstKept, long nextId);

    /**
     * What was there.
     *
     * @param events oldest first
     * @param nextId numbers below this one may have been given to events; 1 at first
     */
    record Restored(List<Event> events, long nextId) {
        public Restored {
            events = List.copyOf(events);
        }
    }
}
