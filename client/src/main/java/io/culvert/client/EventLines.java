package io.culvert.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The lines of an answer that does not end. The HTTP client brings chunks, one at a time and only when the one before was taken; one
 * thread takes lines; any may close.
 */
final class EventLines implements BodySubscriber<EventLines>, AutoCloseable {
    private static final int LONGEST_LINE = 1 << 20;
    private static final int LONGEST_REFUSAL = 1 << 16;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final byte[] END = new byte[0];

    private final BlockingQueue<byte[]> chunks = new LinkedBlockingQueue<>();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private volatile Flow.@Nullable Subscription subscription;
    private volatile @Nullable Throwable failure;
    private byte[] chunk = END;
    private int at;

    @Override
    public CompletionStage<EventLines> getBody() {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription coming) {
        subscription = coming;
        coming.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (ByteBuffer buffer : buffers) {
            byte[] part = new byte[buffer.remaining()];
            buffer.get(part);
            bytes.writeBytes(part);
        }
        if (bytes.size() > 0) {
            chunks.add(bytes.toByteArray());
        } else {
            more();
        }
    }

    @Override
    public void onError(Throwable thrown) {
        failure = thrown;
        chunks.add(END);
    }

    @Override
    public void onComplete() {
        chunks.add(END);
    }

    /**
     * The next line, without its end; empty where the stream is over.
     *
     * @param silence how long nothing at all may come
     */
    Optional<String> next(Duration silence) throws IOException, InterruptedException {
        while (true) {
            while (at < chunk.length) {
                byte each = chunk[at++];
                if (each == '\n') {
                    String text = line.toString(StandardCharsets.UTF_8);
                    line.reset();
                    return Optional.of(text.endsWith("\r") ? text.substring(0, text.length() - 1) : text);
                }
                if (line.size() == LONGEST_LINE) {
                    throw new IOException("an event is too long (expected: at most " + LONGEST_LINE + " bytes)");
                }
                line.write(each);
            }
            byte @Nullable [] coming = chunks.poll(silence.toMillis(), TimeUnit.MILLISECONDS);
            if (coming == null) {
                throw new IOException("nothing came for " + silence.toSeconds() + " s");
            }
            if (coming == END) {
                Throwable cause = failure;
                if (cause != null) {
                    throw new IOException("the stream of events broke: " + cause.getMessage(), cause);
                }
                return Optional.empty();
            }
            chunk = coming;
            at = 0;
            more();
        }
    }

    /** All that is left, of a refusal. */
    byte[] rest() throws IOException {
        StringBuilder text = new StringBuilder();
        try {
            Optional<String> next = next(PATIENCE);
            while (next.isPresent() && text.length() < LONGEST_REFUSAL) {
                text.append(next.get()).append('\n');
                next = next(PATIENCE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            close();
        }
        // A JSON document needs no end of line.
        text.append(line.toString(StandardCharsets.UTF_8));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private void more() {
        Flow.Subscription from = subscription;
        if (from != null) {
            from.request(1);
        }
    }

    /** Ends the connection; whoever waits for a line finds the end. */
    @Override
    public void close() {
        Flow.Subscription from = subscription;
        if (from != null) {
            from.cancel();
        }
        chunks.add(END);
    }
}
