package io.culvert.control.ledger;

/** Something that the {@link LedgerThread} does again and again. Its methods are called by that thread only, and may wait for the disk. */
public interface Duty {
    /** One word for the log. */
    String name();

    /** Does what there is to do. Where it throws, it is called again after a while. */
    void turn();

    /**
     * Whether it has turns at the thread's own pace only, none because another duty is in a hurry: for what has nothing to do with events, and looks at
     * all tunnels. With 10,000 tunnels and twenty such looks a second that was a good part of what creating more cost (RATIONALE.md).
     */
    default boolean atPaceOnly() {
        return false;
    }

    /** The last turn: nothing is done behind it. */
    default void last() {
        turn();
    }
}
