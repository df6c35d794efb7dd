package io.culvert.app.process;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What happens when the process is asked to end (SIGTERM, Ctrl-C) while a command works. Any thread. */
public final class Shutdown {
    private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);

    /** Tools that stop services wait ten seconds before they kill. */
    private static final Duration MOST = Duration.ofSeconds(9);

    private final Runnable lastAction;
    private final AtomicBoolean began = new AtomicBoolean();

    private Shutdown(Runnable lastAction) {
        this.lastAction = lastAction;
    }

    /** What a command does. */
    public interface Work<T> {
        T go() throws Exception;
    }

    /**
     * Does some work; a signal that comes meanwhile runs the last action first, and ends the process then, or after nine seconds where
     * the action hangs.
     */
    public static <T> T during(Work<T> work, Runnable lastAction) throws Exception {
        Shutdown shutdown = new Shutdown(lastAction);
        Thread hook = new Thread(shutdown::run, "culvert-shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return work.go();
        } finally {
            shutdown.forget(hook);
        }
    }

    private void forget(Thread hook) {
        if (began.get()) {
            return;
        }
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            LOG.debug(
                    "the signal came at this very moment: the last action runs after its work, which it must bear anyway");
        }
    }

    private void run() {
        began.set(true);
        Thread worker = new Thread(lastAction, "culvert-last-action");
        worker.setDaemon(true);
        worker.start();
        try {
            worker.join(MOST.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (worker.isAlive()) {
            LOG.warn("not everything stopped within {} s; leaving all the same", MOST.toSeconds());
        }
    }
}
