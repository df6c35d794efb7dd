package io.culvert.control;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How much is told of the agents of one tunnel, and what is left out of it: {@value #AT_ONCE} words at once, and one more each {@link #EACH}.
 * Times are a ticker's nanoseconds. Control thread only.
 */
final class Telling {
    /** A stock agent of ten sessions may come, leave and come again. */
    static final int AT_ONCE = 40;

    static final Duration EACH = Duration.ofSeconds(3);

    /** What happened, to be told now or later. */
    interface Word {
        /**
         * Tells it.
         *
         * @param more what is to be said behind it; empty for nothing
         */
        void tell(String more);
    }

    /** When as much may be told at once as ever; empty where that is so for good. */
    private OptionalLong full = OptionalLong.empty();

    private Optional<Word> last = Optional.empty();
    private long leftOut;

    /** Whether something was left out since the last word. */
    boolean owes() {
        return last.isPresent();
    }

    /** When the next word may be told; not after now where that is now. */
    long next(long now) {
        return full.orElse(now) - EACH.toNanos() * (AT_ONCE - 1);
    }

    /** Whether a word would be told at once. */
    boolean hasPlace(long now) {
        return next(now) - now <= 0;
    }

    /** Tells this, where there is place for it, with how many were left out before; else leaves it out for now. */
    void tell(long now, Word word) {
        if (hasPlace(now)) {
            say(now, word);
        } else {
            last = Optional.of(word);
            leftOut++;
        }
    }

    /** Tells the last one that was left out; called where one is owed and its time has come. */
    void tellLast(long now) {
        Word word = last.orElseThrow();
        leftOut--;
        say(now, word);
    }

    private void say(long now, Word word) {
        long from = full.isPresent() && full.getAsLong() - now > 0 ? full.getAsLong() : now;
        full = OptionalLong.of(from + EACH.toNanos());
        word.tell(leftOut == 0 ? "" : "; " + leftOut + " more came or went meanwhile");
        last = Optional.empty();
        leftOut = 0;
    }
}
