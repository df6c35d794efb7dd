package io.culvert.link.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.link.net.Transport;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A relay between real sockets that is held back. A leaked piece fails the build. */
class ValveTest {
    private @Nullable Junction junction;

    @AfterEach
    void end() throws IOException {
        if (junction != null) {
            junction.close();
        }
    }

    /** Lets pass what it was given. */
    private static final class Allowance implements Valve {
        private final AtomicLong left;

        Allowance(long bytes) {
            left = new AtomicLong(bytes);
        }

        @Override
        public int pass(int wanted) {
            assertThat(wanted).isPositive();
            int n = (int) Math.min(wanted, left.get());
            left.addAndGet(-n);
            return n;
        }
    }

    private Junction start(Transport transport, @Nullable Valve forth, @Nullable Valve back) throws Exception {
        Junction started = new Junction(transport, Duration.ofSeconds(60));
        junction = started;
        return started.join(forth, back);
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    /** Writes and ends, on a thread of its own: a held relay takes no more than it must. */
    private static CompletableFuture<Void> sending(Socket socket, byte[] bytes) {
        return CompletableFuture.runAsync(() -> {
            try {
                socket.getOutputStream().write(bytes);
                socket.shutdownOutput();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void whatPassesIsExactAndTheRestComesWhenItMayWithTheEndBehindIt(Transport transport) throws Exception {
        Allowance allowance = new Allowance(100_001);
        Junction j = start(transport, allowance, null);
        // More than the kernel takes by itself: buffers grow to 4 and 6 MB by default, to 32 MB on some machines.
        byte[] all = random(64_000_000);
        CompletableFuture<Void> sent = sending(j.visitor, all);
        assertThat(j.target.getInputStream().readNBytes(100_001)).isEqualTo(Arrays.copyOf(all, 100_001));
        await().during(Duration.ofMillis(300))
                .until(() -> j.target.getInputStream().available() == 0);
        assertThat(j.forth).hasValue(100_001);
        assertThat(sent).as("what is held is bounded").isNotDone();

        allowance.left.set(1_000_000);
        j.on(Relay::resume);
        assertThat(j.target.getInputStream().readNBytes(1_000_000))
                .isEqualTo(Arrays.copyOfRange(all, 100_001, 1_100_001));
        j.on(relay -> relay.valves(null, null));
        assertThat(j.target.getInputStream().readAllBytes()).isEqualTo(Arrays.copyOfRange(all, 1_100_001, all.length));
        sent.join();
        assertThat(j.forth).hasValue(all.length);
        await().untilAsserted(() -> assertThat(j.left.consumed).hasValue(all.length));
    }

    @ParameterizedTest
    @EnumSource
    void oneDirectionDoesNotHoldTheOther(Transport transport) throws Exception {
        Junction j = start(transport, new Allowance(0), null);
        CompletableFuture<Void> sent = sending(j.visitor, random(1_000));
        byte[] answer = random(2_000_000);
        CompletableFuture<Void> answered = sending(j.target, answer);
        assertThat(j.visitor.getInputStream().readAllBytes()).isEqualTo(answer);
        sent.join();
        answered.join();
        // One end has travelled; the other waits behind bytes that are held.
        assertThat(j.closed).isEmpty();
        j.on(relay -> relay.valves(null, null));
        assertThat(j.target.getInputStream().readAllBytes()).hasSize(1_000);
        await().untilAsserted(() -> assertThat(j.closed).containsExactly(CloseReason.ENDED));
    }

    @ParameterizedTest
    @EnumSource
    void aValveThatIsPutInLaterHoldsWhatComesFromThenOn(Transport transport) throws Exception {
        Junction j = start(transport, null, null);
        j.visitor.getOutputStream().write(1);
        assertThat(j.target.getInputStream().read()).isEqualTo(1);
        Allowance allowance = new Allowance(2);
        j.on(relay -> relay.valves(allowance, null));
        j.visitor.getOutputStream().write(new byte[] {2, 3, 4, 5});
        assertThat(j.target.getInputStream().readNBytes(2)).containsExactly(2, 3);
        // Another valve goes on where the first one stopped.
        Allowance second = new Allowance(1);
        j.on(relay -> relay.valves(second, null));
        assertThat(j.target.getInputStream().read()).isEqualTo(4);
        second.left.set(10);
        j.on(Relay::resume);
        assertThat(j.target.getInputStream().read()).isEqualTo(5);
    }

    @ParameterizedTest
    @EnumSource
    void aResetAndACutDropWhatIsHeld(Transport transport) throws Exception {
        Junction j = start(transport, new Allowance(0), new Allowance(0));
        j.visitor.getOutputStream().write(random(50_000));
        j.target.getOutputStream().write(random(50_000));
        j.turns(3);
        j.target.setSoLinger(true, 0);
        j.target.close();
        if (transport == Transport.EPOLL) {
            // The JDK's selector tells nothing of a socket that is not being read.
            await().untilAsserted(() -> assertThat(j.closed).containsExactly(CloseReason.RIGHT_RESET));
        } else {
            j.cut();
        }
        assertThatThrownBy(() -> j.visitor.getInputStream().read()).isInstanceOf(SocketException.class);
    }
}
