package io.culvert.link.leak;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.List;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Fails a test run in which anything of Netty's was leaked. Found by JUnit as a service; JUnit calls it once before the first and once
 * after the last test, on one thread.
 */
public final class LeakGate implements LauncherSessionListener {
    private final LeakLedger ledger = new LeakLedger();

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        // Before the first buffer: Netty's classes keep the detector that they were born with.
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(ledger);
    }

    @Override
    public void launcherSessionClosed(LauncherSession session) {
        List<String> leaks = LeakHunt.in(ledger);
        if (!leaks.isEmpty()) {
            // Thrown from here, it stops the forked JVM, and with it the build.
            throw new LeakError(leaks);
        }
    }

    /** Some test leaked; says what, and where it was last touched. */
    static final class LeakError extends AssertionError {
        LeakError(List<String> leaks) {
            super(leaks.size() + " leaked (expected: none):\n" + String.join("\n\n", leaks));
        }
    }
}
