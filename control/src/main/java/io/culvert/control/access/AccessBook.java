package io.culvert.control.access;

import io.culvert.control.access.AccessThread.Turn;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * The snapshot, and the one way to change it: the store first, then what everybody reads. After a write whose outcome is not known everything is
 * read again before the next change. Reading is for any thread, changing for {@code culvert-access}.
 */
final class AccessBook {
    private final AccessStore store;
    private final AccessThread thread;
    private volatile AccessState state;
    private volatile boolean unsure;

    /** Reads what is there; waits for the disk. */
    AccessBook(AccessStore store, AccessThread thread) {
        this.store = store;
        this.thread = thread;
        this.state = AccessState.of(store.load());
    }

    /** All that is known now. */
    AccessState now() {
        return state;
    }

    /** Does a change on the thread for it, from what is known for sure. */
    <T> CompletionStage<T> change(Supplier<T> work) {
        return thread.run(Turn.CHANGE, () -> {
            beSure();
            return work.get();
        });
    }

    /**
     * Likewise, for work that hashes a password: behind all changes.
     *
     * @param known whether whoever asks is somebody from there
     */
    <T> CompletionStage<T> hash(boolean known, Supplier<T> work) {
        return thread.run(known ? Turn.KNOWN : Turn.STRANGER, () -> {
            beSure();
            return work.get();
        });
    }

    /** Makes these changes. By what runs in {@link #change} or {@link #hash} only. */
    void apply(AccessChanges changes) {
        // Until the write is confirmed we cannot know whether the store has it: reload before the next change.
        unsure = true;
        store.apply(changes);
        state = state.with(changes);
        unsure = false;
    }

    /** Whether the store has to be asked. */
    boolean isUnsure() {
        return unsure;
    }

    private void beSure() {
        if (unsure) {
            state = AccessState.of(store.load());
            unsure = false;
        }
    }
}
