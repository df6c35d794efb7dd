package io.culvert.link.leak;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;

/** Finds everything that was leaked up to now. */
final class LeakHunt {
    /** Leaked on purpose: once it has been found, the garbage collector has been round, and the detectors do see. */
    private record Canary() {}

    private LeakHunt() {}

    /** What was leaked so far. Blocks while the garbage collector works; fails where the detectors turn out to be blind. */
    static List<String> in(LeakLedger ledger) {
        LeakLedger canaries = new LeakLedger();
        canaries.detector(Canary.class, 1).trackForcibly(new Canary());
        await("the leak detectors to find a leak made for them")
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .atMost(Duration.ofSeconds(20))
                .until(() -> {
                    System.gc();
                    ledger.look();
                    canaries.look();
                    return !canaries.leaks().isEmpty();
                });
        // Those that the same collection found, and that were handed over behind the canary.
        System.gc();
        ledger.look();
        return ledger.leaks();
    }
}
