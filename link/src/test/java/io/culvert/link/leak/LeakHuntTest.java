package io.culvert.link.leak;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import io.netty.util.ResourceLeakTracker;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class LeakHuntTest {
    private record Thing() {}

    private final LeakLedger ledger = new LeakLedger();
    private final ResourceLeakDetector<Thing> detector = ledger.newResourceLeakDetector(Thing.class, 1);

    @Test
    void whatWasDroppedIsFoundAndNamed() {
        track(new Thing());
        assertThat(LeakHunt.in(ledger)).singleElement().asString().contains("Thing", "LeakHuntTest");
    }

    @Test
    void whatWasClosedOrIsStillHeldIsNoLeak() {
        Thing held = new Thing();
        Thing closed = new Thing();
        track(held);
        track(closed).close(closed);
        assertThat(LeakHunt.in(ledger)).isEmpty();
        assertThat(held).isNotNull();
    }

    @Test
    void theGateItselfWatchesThisRun() {
        assertThat(ResourceLeakDetector.isEnabled()).isTrue();
        assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
        assertThat(ResourceLeakDetectorFactory.instance()).isInstanceOf(LeakLedger.class);
    }

    private ResourceLeakTracker<Thing> track(Thing thing) {
        return Objects.requireNonNull(detector.trackForcibly(thing));
    }
}
