package io.culvert.gateway.engine;

import io.culvert.gateway.ProbeStep;
import io.culvert.gateway.ProbeStep.Outcome;
import io.culvert.gateway.ProbeStep.Place;
import io.culvert.gateway.Target;
import io.culvert.link.agent.ProbeAnswer;
import io.culvert.link.bytes.MalformedException;
import io.culvert.link.relay.CloseReason;
import io.culvert.link.relay.Leg;
import io.culvert.link.relay.LegEvents;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One try of a target, on a stream of its own. An agent that knows probes is asked; of any other it can only be seen whether it breaks the
 * stream off. Lives on the session's loop.
 */
final class TargetProbe implements LegEvents {
    /** For the agent's dial and its answer; together with the other steps within ten seconds. */
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(8);
    /** Agents on the near side of the world have broken off by then. */
    private static final Duration WATCH = Duration.ofSeconds(1);

    private static final int MOST_ANSWER = Short.BYTES + ProbeAnswer.MAX_REST;

    private final Leg stream;
    private final EventLoop loop;
    private final Target target;
    private final boolean asked;
    private final long began;
    private final CompletableFuture<ProbeStep> done = new CompletableFuture<>();
    private final ByteBuf answer = Unpooled.buffer(64, MOST_ANSWER);
    private final ScheduledFuture<?> deadline;

    private TargetProbe(Leg stream, EventLoop loop, Target target, boolean asked) {
        this.stream = stream;
        this.loop = loop;
        this.target = target;
        this.asked = asked;
        this.began = loop.ticker().nanoTime();
        this.deadline = loop.schedule(this::late, (asked ? ANSWER_WITHIN : WATCH).toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Hears the answer on a stream whose head asked for one; null where no stream could be had. */
    static CompletionStage<ProbeStep> asking(@Nullable Leg stream, EventLoop loop, Target target) {
        return begin(stream, loop, target, true);
    }

    /** Watches an ordinary stream; null where none could be had. */
    static CompletionStage<ProbeStep> watching(@Nullable Leg stream, EventLoop loop, Target target) {
        return begin(stream, loop, target, false);
    }

    private static CompletionStage<ProbeStep> begin(
            @Nullable Leg stream, EventLoop loop, Target target, boolean asked) {
        if (stream == null) {
            return CompletableFuture.completedStage(new ProbeStep(
                    Place.TARGET, Outcome.FAILED, "the session cannot carry another stream", Duration.ZERO));
        }
        TargetProbe probe = new TargetProbe(stream, loop, target, asked);
        stream.attach(probe);
        return probe.done;
    }

    @Override
    public void data(ByteBuf bytes) {
        try {
            if (done.isDone()) {
                return;
            }
            if (!asked) {
                finish(Outcome.OK, "ok: the target spoke");
                return;
            }
            answer.writeBytes(bytes, Math.min(bytes.readableBytes(), answer.maxWritableBytes()));
            ProbeAnswer heard = ProbeAnswer.decode(answer);
            if (heard != null) {
                Duration dial = Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(heard.micros()));
                Duration took = took().compareTo(dial) < 0 ? took() : dial;
                finish(heard.ok() ? Outcome.OK : Outcome.FAILED, heard.text(), took);
            }
        } catch (MalformedException e) {
            finish(Outcome.UNKNOWN, "the agent's answer is none: " + e.getMessage());
        } finally {
            bytes.release();
        }
    }

    @Override
    public void ended() {
        broken("the agent closed the stream");
    }

    @Override
    public void failed(CloseReason reason) {
        broken(reason == CloseReason.SESSION_LOST ? "the session ended" : "the agent reset the stream");
    }

    private void broken(String how) {
        finish(Outcome.FAILED, how + (asked ? " without an answer" : ": no way to " + target));
    }

    private void late() {
        if (asked) {
            finish(
                    Outcome.FAILED,
                    "timed out " + target + ": no answer from the agent within " + ANSWER_WITHIN.toSeconds() + " s");
        } else {
            finish(
                    Outcome.UNKNOWN,
                    "this agent does not say; it did not give up " + target + " within " + WATCH.toSeconds() + " s");
        }
    }

    private Duration took() {
        return Duration.ofNanos(Math.max(0, loop.ticker().nanoTime() - began));
    }

    private void finish(Outcome outcome, String text) {
        finish(outcome, text, took());
    }

    private void finish(Outcome outcome, String text, Duration took) {
        if (!done.isDone()) {
            deadline.cancel(false);
            stream.reset();
            done.complete(new ProbeStep(Place.TARGET, outcome, text, took));
        }
    }

    @Override
    public void dataComplete() {
        // Each piece was looked at as it came.
    }

    @Override
    public void writable() {
        // Nothing is written.
    }

    @Override
    public void sent(int bytes) {
        // Likewise.
    }
}
