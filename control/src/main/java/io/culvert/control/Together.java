package io.culvert.control;

import java.util.List;

/** A kind of change of which several that wait one behind the other are made with one write to the store. Control thread only. */
interface Together<Q, A> {
    /** So many are made at once, at most: who waits behind them waits for all. */
    int MOST = 256;

    /**
     * Makes the first of these changes, and as many of those behind it as get the answer from it that they would have got one after the
     * other. The rest is asked for again.
     *
     * @param wanted in the order in which they came, one at least
     * @return what came of the first ones, one at least
     * @throws RuntimeException for the first one alone; nothing was changed then
     */
    List<Outcome<A>> make(List<Q> wanted);
}
