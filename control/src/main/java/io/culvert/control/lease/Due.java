package io.culvert.control.lease;

import java.time.Duration;

/** Something that has come to pass with a lease, by {@link LeaseBook#due}. Immutable, any thread. */
public sealed interface Due {
    /** Whose lease. */
    long id();

    /**
     * An end is near.
     *
     * @param before how long before it this warning was asked for
     * @param end which end
     */
    record Warning(long id, Duration before, End end) implements Due {}

    /**
     * The deadline has passed and the grace begins: no visitors from now on.
     *
     * @param drain true where those who are there may stay until {@link Cut}
     */
    record Overdue(long id, boolean drain) implements Due {}

    /** Visitors who were let stay in the grace have had their time. */
    record Cut(long id) implements Due {}

    /** The last phase begins: no renewal counts any more, visitors who are there may stay until {@link Over}. */
    record Draining(long id, End end, Duration drain) implements Due {}

    /**
     * It is over; the book knows it no more.
     *
     * @param end which end led here
     */
    record Over(long id, End end) implements Due {}

    /** What ends a lease. */
    enum End {
        /** Nobody renewed it. */
        DEADLINE,
        /** Nobody renewed it in its grace either. */
        GRACE,
        /** The moment that no renewal moves. */
        HARD,
        /** Somebody wanted it so. */
        WISH
    }
}
