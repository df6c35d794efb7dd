package io.culvert.gateway.engine;

import io.culvert.link.net.Descriptors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says that connections are turned away for want of file descriptors, once a minute at most: many come in a second. Any thread. */
final class Scarcity {
    private static final Logger log = LoggerFactory.getLogger(Scarcity.class);
    private static final long PAUSE = TimeUnit.MINUTES.toNanos(1);
    private static final long NEVER = Long.MIN_VALUE;

    private final Descriptors files;
    private final AtomicLong told = new AtomicLong(NEVER);

    Scarcity(Descriptors files) {
        this.files = files;
    }

    /**
     * Says it, where it was not said lately.
     *
     * @param who is turned away, in the plural
     * @param now nanoseconds of a monotonic clock
     */
    void tell(String who, long now) {
        long before = told.get();
        if ((before == NEVER || now - before >= PAUSE) && told.compareAndSet(before, now)) {
            log.warn(
                    "{} are turned away: the last of {} file descriptors are kept for others (more of them: ulimit -n, or LimitNOFILE of systemd)",
                    who,
                    files.most());
        }
    }
}
