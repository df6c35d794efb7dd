package io.culvert.control.ledger;

/** Something that the {@link LedgerThread} does again and again. Its methods are called by that thread only, and may wait for the disk. */
public interface Duty {
    /** One word for the log. */
    String name();

    /** Does what there is to do. Where it throws, it is called again after a while. */
    void turn();

    /** The last turn: nothing is done behind it. */
    default void last() {
        turn();
    }
}
