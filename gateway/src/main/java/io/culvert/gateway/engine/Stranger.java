package io.culvert.gateway.engine;

import io.netty.channel.Channel;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that nobody has welcomed yet: it is counted, and it has one deadline for everything, handshake, hello and admission.
 * Lives on the channel's loop.
 */
final class Stranger {
    private static final Logger log = LoggerFactory.getLogger(Stranger.class);

    private final AtomicInteger count;
    private final ScheduledFuture<?> deadline;
    private boolean known;

    /**
     * Begins the deadline; the channel is registered.
     *
     * @param count of strangers, this one included; one less once it is known or gone
     */
    Stranger(Channel channel, Duration patience, AtomicInteger count) {
        this.count = count;
        this.deadline = channel.eventLoop()
                .schedule(
                        () -> {
                            log.debug("no welcome for {} within {}", channel.remoteAddress(), patience);
                            channel.close();
                        },
                        patience.toNanos(),
                        TimeUnit.NANOSECONDS);
        channel.closeFuture().addListener(gone -> known());
    }

    /** It was welcomed, or it is gone. Repeating it does nothing. */
    void known() {
        if (!known) {
            known = true;
            deadline.cancel(false);
            count.decrementAndGet();
        }
    }
}
