package io.culvert.link.net;

/**
 * How long a loop looks for something to do before it sleeps. A processor that idles is woken by an interrupt, on a virtual machine by an exit from it:
 * a request that goes through an idle tunnel and back sleeps six times, and most of its time is that. {@code haltpoll} does the same in the kernel,
 * where there is one.
 *
 * <p>A look that finds something leaves the next one as long as it was. One that does not doubles it, up to {@value #MOST} ns, where the sleep behind it was
 * short, and cuts it to a quarter where it was long, so that a loop that nothing hurries sleeps at once. Where two of the longest in a row find nothing, some
 * turns go without: each time twice as many, until one finds something.
 *
 * <p>Between two glances the loop offers its processor to whoever wants it ({@code sched_yield}). A neighbour that never rests keeps it for a slice of
 * 1 to 4 ms; one that is woken and sleeps again, as the programs at both ends of a tunnel are, mostly for less. What is kept beyond {@value #SLICE} ns
 * may be a twentieth of the time; while it is more, nobody looks. Figures: {@code RATIONALE.md}.
 *
 * <p>Of one thread. Times are in ns, of a clock that only goes forward and may wrap around.
 */
final class Look {
    static final long LEAST = 5_000;
    static final long MOST = 100_000;

    /** From the beginning of one turn to that of the next, look, sleep and work together: below it, a longer look is likely to find what ended the sleep. */
    static final long SHORT_TURN = 150_000;

    /** How many turns at most go without a look, behind two of the longest that found nothing. */
    static final int MOST_RESTS = 64;

    /** What a neighbour may keep a processor for at no charge. */
    static final long SLICE = 1_000_000;

    /** What is longer is no slice, but a collection or a machine that stood still. */
    static final long MOST_KEPT = 5_000_000;

    /** What is owed for a ns beyond a slice, and paid off by each ns that passes: so a twentieth of the time. */
    static final long PRICE = 20;

    /** What may be owed before nobody looks: more than the price of one slice of 4 ms, less than that of two. */
    static final long MOST_OWED = 100_000_000;

    private long length;
    private long began;
    private boolean found = true;
    private boolean missed;
    private int rests = 1;
    private int restsLeft;
    private long evenAt;

    Look(long now) {
        began = now;
        evenAt = now;
    }

    /** A turn begins: whether to look, or to sleep at once. */
    boolean begins(long now) {
        if (!found) {
            adapt(now - began);
        }
        began = now;
        found = false;
        return length > 0 && !owes(now);
    }

    private void adapt(long turn) {
        if (turn >= SHORT_TURN) {
            length = length / 4 < LEAST ? 0 : length / 4;
        } else if (restsLeft > 0) {
            restsLeft--;
        } else if (length < MOST) {
            length = Math.min(MOST, Math.max(LEAST, 2 * length));
        } else if (missed) {
            length = 0;
            missed = false;
            restsLeft = rests;
            rests = Math.min(MOST_RESTS, 2 * rests);
        } else {
            missed = true;
        }
    }

    /** The look found something. */
    void found() {
        found = true;
        missed = false;
        rests = 1;
    }

    /** The look found nothing yet, and the processor was offered: whether to look once more. */
    boolean goesOn(long offered, long back) {
        long kept = Math.min(MOST_KEPT, back - offered) - SLICE;
        if (kept > 0) {
            evenAt = (evenAt - back > 0 ? evenAt : back) + PRICE * kept;
        }
        return back - began < length && !owes(back);
    }

    private boolean owes(long now) {
        return evenAt - now > MOST_OWED;
    }
}
