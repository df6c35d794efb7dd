package io.culvert.control;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread {@code culvert-control} and what waits for it. Two lanes lead to it:
 *
 * <pre>
 *   quick:   memory only, never wait   heartbeats, agents at the door    run at any time, also while a change waits
 *   changes: may wait                  create, remove, import            one after the other, those of one kind together
 * </pre>
 *
 * Before every change, and at the moment {@link Duties#nextDeadline()} names, the quick lane is emptied and the duties are done; so
 * they are while a change waits in {@link #await}. Methods say who may call them.
 */
final class ControlLoop {
    /** What the thread does of its own accord. Called on the control thread only. */
    interface Duties {
        /** When {@link #urgent} has something to do next, in ticker nanoseconds; empty for never. */
        OptionalLong urgentDeadline();

        /**
         * Does what is due and never waits. Also called while a change waits.
         *
         * @param nowNanos from before the quick lane was emptied: a heartbeat that had come by then was heard
         */
        void urgent(long nowNanos);

        /** When {@link #lazy} has something to do next, likewise. */
        OptionalLong lazyDeadline();

        /** Does what is due and may wait by {@link ControlLoop#await}. Never called while a change waits. */
        void lazy();

        /** Called once, when the loop was stopped in an orderly way and runs no more commands; may wait. */
        void last();
    }

    private static final Logger log = LoggerFactory.getLogger(ControlLoop.class);

    private final Ticker ticker;
    private final int maxWaiting;
    private final Thread thread;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    // Set before the thread starts, then read by it alone.
    private @Nullable Duties duties;
    // The rest is guarded by the lock.
    private final Deque<Command<?>> quick = new ArrayDeque<>();
    private final Deque<Command<?>> changes = new ArrayDeque<>();
    private @Nullable String closedBecause;

    /**
     * @param maxWaiting bound of each lane
     */
    ControlLoop(Ticker ticker, int maxWaiting) {
        this.ticker = ticker;
        this.maxWaiting = maxWaiting;
        this.thread = new Thread(this::run, "culvert-control");
        thread.setDaemon(true);
        // Without a handler of the process the JVM only prints to stderr: the end of this thread must be in the log.
        thread.setUncaughtExceptionHandler(
                (who, why) -> log.error("The control thread ended by itself: nothing can be changed any more", why));
    }

    /** Starts the thread. Called once. */
    void start(Duties work) {
        duties = work;
        thread.start();
    }

    /** Whether the caller is the control thread. */
    boolean inLoop() {
        return Thread.currentThread() == thread;
    }

    /** Completes normally after {@link #stop}, exceptionally where the thread ended by itself. Any thread. */
    CompletionStage<Void> ended() {
        return ended.minimalCompletionStage();
    }

    /** Queues a command that may wait; refused with {@link StoreUnavailableException} where too many wait already. Any thread. */
    <T> CompletionStage<T> change(Supplier<T> command) {
        return submit(changes, command, true);
    }

    /** Queues a command that never waits; refused likewise. Any thread. */
    <T> CompletionStage<T> quick(Supplier<T> command) {
        return submit(quick, command, true);
    }

    /** Queues news of something that the control thread started itself, and so bounded already. Any thread. */
    void report(Runnable command) {
        submit(
                quick,
                () -> {
                    command.run();
                    return true;
                },
                false);
    }

    /**
     * Queues a change that can be made together with others of its kind, where they wait one behind the other; refused likewise. Any thread.
     *
     * @param kind the same object for all that may be made together
     */
    <Q, A> CompletionStage<A> change(Together<Q, A> kind, Q wanted) {
        return submit(changes, new Command.Joint<>(kind, wanted), true);
    }

    private <T> CompletionStage<T> submit(Deque<Command<?>> lane, Supplier<T> work, boolean bounded) {
        return submit(lane, new Command.Single<>(work), bounded);
    }

    private <T> CompletionStage<T> submit(Deque<Command<?>> lane, Command<T> command, boolean bounded) {
        lock.lock();
        try {
            if (closedBecause != null) {
                command.fail(new StoreUnavailableException(closedBecause));
            } else if (bounded && lane.size() >= maxWaiting) {
                command.fail(new StoreUnavailableException("the server is busy: " + maxWaiting
                        + " requests are waiting already; nothing was changed, try again"));
            } else {
                lane.add(command);
                news.signal();
            }
        } finally {
            lock.unlock();
        }
        return command.outcome();
    }

    /**
     * Waits for an outcome; quick commands and urgent duties go on meanwhile. Control thread, inside a change or lazy duty only.
     *
     * @throws TimeoutException where it has not come within the bound
     * @throws ExecutionException where it is a failure
     */
    <T> T await(CompletionStage<T> stage, Duration bound) throws TimeoutException, ExecutionException {
        assert inLoop();
        CompletableFuture<T> outcome = new CompletableFuture<>();
        stage.whenComplete((value, failure) -> {
            if (failure == null) {
                outcome.complete(value);
            } else {
                outcome.completeExceptionally(failure);
            }
            wake();
        });
        Duties work = Objects.requireNonNull(duties);
        long end = ticker.nanos() + bound.toNanos();
        while (!outcome.isDone()) {
            quickAndUrgent(work);
            if (!outcome.isDone() && end - ticker.nanos() <= 0) {
                throw new TimeoutException("no answer within " + bound.toMillis() + " ms");
            }
            pause(earlier(OptionalLong.of(end), work.urgentDeadline()), true, outcome);
        }
        try {
            return outcome.join();
        } catch (CompletionException e) {
            throw new ExecutionException(e.getCause() == null ? e : e.getCause());
        }
    }

    /** Takes no more commands, refuses those that wait, and returns when the thread has ended. Any thread but the control thread. */
    void stop(String because) {
        assert !inLoop();
        shut(because);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        Throwable why = null;
        try {
            Duties work = Objects.requireNonNull(duties);
            while (!isShut()) {
                quickAndUrgent(work);
                work.lazy();
                Command<?> change = next(changes);
                if (change != null) {
                    quickAndUrgent(work);
                    make(change);
                } else {
                    pause(earlier(work.urgentDeadline(), work.lazyDeadline()), false, ended);
                }
            }
            work.last();
        } catch (Throwable t) {
            why = t;
            throw t;
        } finally {
            shut("the server's control thread has ended; nothing was changed");
            if (why == null) {
                ended.complete(null);
            } else {
                ended.completeExceptionally(why);
            }
        }
    }

    private void quickAndUrgent(Duties work) {
        long now = ticker.nanos();
        // Only those that are there now: a flood of heartbeats must not keep leases from ending.
        for (int left = waiting(quick); left > 0; left--) {
            Command<?> command = next(quick);
            if (command != null) {
                command.run();
            }
        }
        work.urgent(now);
    }

    private void make(Command<?> change) {
        if (change instanceof Command.Joint<?, ?> joint) {
            makeTogether(joint);
        } else {
            change.run();
        }
    }

    private <Q, A> void makeTogether(Command.Joint<Q, A> first) {
        giveBack(first.run(companions(first)));
    }

    /** Takes those that wait right behind a change and can be made together with it. */
    private <Q, A> List<Command.Joint<Q, A>> companions(Command.Joint<Q, A> first) {
        List<Command.Joint<Q, A>> all = new ArrayList<>(List.of(first));
        lock.lock();
        try {
            while (all.size() < Together.MOST) {
                Command.Joint<Q, A> next = first.companion(changes.peek());
                if (next == null) {
                    break;
                }
                all.add(next);
                changes.remove();
            }
        } finally {
            lock.unlock();
        }
        return all;
    }

    /** Puts changes that were taken and not made back to the place where they waited. */
    private void giveBack(List<? extends Command<?>> left) {
        @Nullable String because;
        lock.lock();
        try {
            because = closedBecause;
            if (because == null) {
                for (int i = left.size() - 1; i >= 0; i--) {
                    changes.addFirst(left.get(i));
                }
            }
        } finally {
            lock.unlock();
        }
        if (because != null) {
            left.forEach(command -> command.fail(new StoreUnavailableException(because)));
        }
    }

    private int waiting(Deque<Command<?>> lane) {
        lock.lock();
        try {
            return lane.size();
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Command<?> next(Deque<Command<?>> lane) {
        lock.lock();
        try {
            return lane.poll();
        } finally {
            lock.unlock();
        }
    }

    /** Sleeps until there is something to do: a quick command, a change unless one is running, the outcome, or the time. */
    private void pause(OptionalLong deadline, boolean inChange, CompletableFuture<?> outcome) {
        lock.lock();
        try {
            while (quick.isEmpty()
                    && (inChange || changes.isEmpty())
                    && (inChange || closedBecause == null)
                    && !outcome.isDone()) {
                if (deadline.isEmpty()) {
                    news.awaitUninterruptibly();
                } else {
                    long left = deadline.getAsLong() - ticker.nanos();
                    if (left <= 0) {
                        return;
                    }
                    long unused = news.awaitNanos(left);
                }
            }
        } catch (InterruptedException e) {
            // Nobody has a reason to interrupt this thread; if somebody does, it is one wake-up more.
            log.debug("The control thread was interrupted", e);
        } finally {
            lock.unlock();
        }
    }

    static OptionalLong earlier(OptionalLong one, OptionalLong other) {
        if (one.isEmpty()) {
            return other;
        }
        return other.isPresent() && other.getAsLong() - one.getAsLong() < 0 ? other : one;
    }

    private void wake() {
        lock.lock();
        try {
            news.signal();
        } finally {
            lock.unlock();
        }
    }

    private boolean isShut() {
        lock.lock();
        try {
            return closedBecause != null;
        } finally {
            lock.unlock();
        }
    }

    private void shut(String because) {
        List<Command<?>> refused = new ArrayList<>();
        lock.lock();
        try {
            if (closedBecause == null) {
                closedBecause = because;
            }
            refused.addAll(quick);
            refused.addAll(changes);
            quick.clear();
            changes.clear();
            news.signal();
        } finally {
            lock.unlock();
        }
        refused.forEach(command -> command.fail(new StoreUnavailableException(because)));
    }
}
