package io.culvert.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.web.http.Turns.Caller;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/** Who is next on a loop, and when it looks at its sockets. */
class TurnsTest {
    private static final Caller ANN = new Caller("ann", false);
    private static final Caller BOB = new Caller("bob", false);

    private final Queue<Runnable> loop = new ArrayDeque<>();
    private final List<String> done = new ArrayList<>();
    private long now;
    private final Turns.Line line = new Turns.Line(() -> now, loop::add);

    @Test
    void nothingIsDoneBeforeTheSocketsWereLookedAt() {
        line.add(ANN, step("a", 0));
        assertThat(done).isEmpty();
        lookAtSockets();
        assertThat(done).containsExactly("a");
        assertThat(loop).as("what is still to come").isEmpty();
    }

    @Test
    void whoAsksForMuchWaitsForItAlone() {
        for (int i = 0; i < 1000; i++) {
            line.add(ANN, step("a" + i, 100));
        }
        lookAtSockets();
        line.add(BOB, step("b", 100));
        lookAtSockets();
        lookAtSockets();
        assertThat(done).containsExactly("a0", "a1", "b");
    }

    @Test
    void turnsAreOfTimeNotOfSteps() {
        for (int i = 0; i < 1000; i++) {
            line.add(ANN, step("a", 100));
            line.add(BOB, step("b", 0.125));
        }
        for (int i = 0; i < 4; i++) {
            lookAtSockets();
        }
        assertThat(done).filteredOn("a"::equals).hasSize(2);
        assertThat(done).filteredOn("b"::equals).hasSize(2 * 16);
    }

    @Test
    void whatIsQuickIsDoneBehindOneLook() {
        for (int i = 0; i < 10; i++) {
            line.add(ANN, step("a", 0.1));
            line.add(BOB, step("b", 0.0625));
        }
        lookAtSockets();
        assertThat(done).hasSize(20);
    }

    @Test
    void oneCallersReadingDoesNotKeepHisRenewalsWaiting() {
        for (int i = 0; i < 1000; i++) {
            line.add(new Caller("ann", false), step("list", 100));
        }
        line.add(new Caller("ann", true), step("renewal", 0));
        lookAtSockets();
        lookAtSockets();
        assertThat(done).startsWith("list", "renewal");
    }

    @Test
    void whoHasDoneAllOfHisTakesNobodysTurn() {
        line.add(ANN, again("a", ANN));
        line.add(BOB, again("b", BOB));
        line.add(new Caller("cleo", false), step("c", 3));
        for (int i = 0; i < 4; i++) {
            lookAtSockets();
        }
        assertThat(done).containsExactly("a", "b", "c", "a");
    }

    @Test
    void aStepMayBringAnother() {
        line.add(ANN, () -> line.add(ANN, step("a", 0)));
        while (!loop.isEmpty()) {
            lookAtSockets();
        }
        assertThat(done).containsExactly("a");
    }

    @Test
    void aStepThatFailsKeepsNobodyFromHisTurn() {
        RuntimeException fault = new IllegalStateException("a fault");
        line.add(ANN, () -> {
            throw fault;
        });
        line.add(BOB, step("b", 0));
        assertThatThrownBy(this::lookAtSockets).isSameAs(fault);
        lookAtSockets();
        assertThat(done).containsExactly("b");
    }

    private Runnable step(String name, double millis) {
        return () -> {
            now += (long) (millis * 1_000_000);
            done.add(name);
        };
    }

    /** A step that brings another like it, as a caller does who waits for each answer. */
    private Runnable again(String name, Caller caller) {
        return () -> {
            step(name, 3).run();
            line.add(caller, again(name, caller));
        };
    }

    /** One turn of the loop. */
    private void lookAtSockets() {
        loop.remove().run();
    }
}
