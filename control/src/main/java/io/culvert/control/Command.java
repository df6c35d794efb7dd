package io.culvert.control;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Work of the control thread and what comes of it. Run on that thread; {@link #fail} and {@link #outcome} by any. */
abstract class Command<T> {
    private static final Logger log = LoggerFactory.getLogger(Command.class);

    private final CompletableFuture<T> outcome = new CompletableFuture<>();

    /** Does the work. A command that throws ends itself, never the loop. */
    abstract void run();

    final CompletionStage<T> outcome() {
        return outcome;
    }

    final void succeed(T value) {
        outcome.complete(value);
    }

    final void fail(ControlException why) {
        outcome.completeExceptionally(why);
    }

    final void broken(Throwable why) {
        if (why instanceof ControlException refusal) {
            fail(refusal);
            return;
        }
        log.error("A command of the control thread failed", why);
        outcome.completeExceptionally(why);
    }

    /** Work by itself. */
    static final class Single<T> extends Command<T> {
        private final Supplier<T> work;

        Single(Supplier<T> work) {
            this.work = work;
        }

        @Override
        void run() {
            T value;
            try {
                value = work.get();
            } catch (Throwable t) {
                broken(t);
                return;
            }
            succeed(value);
        }
    }

    /** A change that can be made together with others of its kind. */
    static final class Joint<Q, A> extends Command<A> {
        private final Together<Q, A> kind;
        private final Q wanted;

        Joint(Together<Q, A> kind, Q wanted) {
            this.kind = kind;
            this.wanted = wanted;
        }

        /** The same command where it is of this one's kind; null where it is another. */
        @SuppressWarnings("unchecked")
        @Nullable
        Joint<Q, A> companion(@Nullable Command<?> other) {
            return other instanceof Joint<?, ?> joint && joint.kind == kind ? (Joint<Q, A>) joint : null;
        }

        @Override
        void run() {
            List<Joint<Q, A>> left = run(List.of(this));
            assert left.isEmpty();
        }

        /**
         * Makes as many of these changes as can be made together.
         *
         * @param all this one first
         * @return those that were not made
         */
        List<Joint<Q, A>> run(List<Joint<Q, A>> all) {
            List<Outcome<A>> outcomes;
            try {
                outcomes = kind.make(all.stream().map(joint -> joint.wanted).toList());
            } catch (Throwable t) {
                // The first one's fault, or a fault that each of them will meet with when it is the first.
                broken(t);
                return all.subList(1, all.size());
            }
            for (int i = 0; i < outcomes.size(); i++) {
                Joint<Q, A> joint = all.get(i);
                Outcome<A> outcome = outcomes.get(i);
                outcome.failure()
                        .ifPresentOrElse(
                                joint::fail, () -> joint.succeed(outcome.value().orElseThrow()));
            }
            return all.subList(outcomes.size(), all.size());
        }
    }
}
