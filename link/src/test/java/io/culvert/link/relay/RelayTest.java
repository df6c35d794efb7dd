package io.culvert.link.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.link.net.Transport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The relay between real sockets, on every transport. */
class RelayTest {
    /** More than the kernel and both legs can hold between them. */
    private static final int PLENTY = 16 << 20;
    /** Less than makes a leg unwritable, more than the kernel takes. */
    private static final int A_LITTLE = 100_000;

    private @Nullable Junction junction;

    @AfterEach
    void end() throws Exception {
        if (junction != null) {
            junction.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void bytesGoBothWaysAtOnceAndAreCounted(Transport transport) throws Exception {
        Junction j = start(transport).join();
        byte[] forth = random(3_000_000);
        byte[] back = random(2_000_001);
        CompletableFuture<Void> visitor = sending(j.visitor, forth);
        CompletableFuture<Void> target = sending(j.target, back);
        CompletableFuture<byte[]> atTarget = reading(j.target, forth.length);
        assertThat(j.visitor.getInputStream().readNBytes(back.length)).isEqualTo(back);
        assertThat(atTarget.join()).isEqualTo(forth);
        visitor.join();
        target.join();
        assertThat(j.forth).hasValue(forth.length);
        assertThat(j.back).hasValue(back.length);
        await().untilAsserted(() -> {
            assertThat(j.left.consumed).as("credit for the visitor").hasValue(forth.length);
            assertThat(j.right.consumed).as("credit for the target").hasValue(back.length);
        });
        assertThat(j.closed).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void theVisitorRestsWhileTheTargetDoesNotRead(Transport transport) throws Exception {
        Junction j = start(transport).join();
        backPressure(j, j.visitor, j.target, j.left, j.forth::get);
    }

    @ParameterizedTest
    @EnumSource
    void theTargetRestsWhileTheVisitorDoesNotRead(Transport transport) throws Exception {
        Junction j = start(transport).join();
        backPressure(j, j.target, j.visitor, j.right, j.back::get);
    }

    private interface Count {
        long get();
    }

    private static void backPressure(Junction j, Socket from, Socket to, WatchedLeg source, Count taken)
            throws Exception {
        byte[] data = random(PLENTY);
        CompletableFuture<Void> sender = sending(from, data);
        // Between the kernel and the legs there is room for less than this; then no resume follows the last rest.
        await().until(() -> full(j, source, taken));
        assertThat(taken.get() - source.consumed.get())
                .as("bytes between the legs: the high water mark and the read that passed it")
                .isBetween(128L * 1024 + 1, (128L + 256) * 1024);
        assertThat(sender).isNotDone();
        // The other direction is not held up.
        to.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
        assertThat(from.getInputStream().readNBytes(5)).asString().isEqualTo("hello");

        assertThat(to.getInputStream().readNBytes(PLENTY)).isEqualTo(data);
        sender.join();
        // The bytes may be here before the loop that sent them has told of the room they left.
        await().untilAsserted(() ->
                assertThat(source.resumes).as("one behind each rest").hasValue(source.rests.get()));
        await().until(() -> source.consumed.get() == PLENTY);
    }

    /** True once nothing moves any more while the source rests. */
    private static boolean full(Junction j, WatchedLeg source, Count taken) throws Exception {
        long before = taken.get();
        j.turns(20);
        return source.rests.get() == source.resumes.get() + 1 && taken.get() == before;
    }

    @ParameterizedTest
    @EnumSource
    void aHalfCloseTravelsAndTheOtherDirectionGoesOn(Transport transport) throws Exception {
        Junction j = start(transport).join();
        endsFirst(j.visitor, j.target);
        await().untilAsserted(() -> assertThat(j.closed).containsExactly(CloseReason.ENDED));
    }

    @ParameterizedTest
    @EnumSource
    void theTargetMayEndFirstToo(Transport transport) throws Exception {
        Junction j = start(transport).join();
        endsFirst(j.target, j.visitor);
        await().untilAsserted(() -> assertThat(j.closed).containsExactly(CloseReason.ENDED));
    }

    private static void endsFirst(Socket first, Socket second) throws IOException {
        byte[] request = random(1_000_000);
        CompletableFuture<byte[]> read = reading(second, request.length + 1);
        first.getOutputStream().write(request);
        first.shutdownOutput();
        assertThat(read.join()).as("all, then the end").isEqualTo(request);
        byte[] answer = random(1_000_000);
        CompletableFuture<Void> sender = sending(second, answer);
        assertThat(first.getInputStream().readNBytes(answer.length)).isEqualTo(answer);
        sender.join();
        second.shutdownOutput();
        assertThat(first.getInputStream().read()).isEqualTo(-1);
    }

    @ParameterizedTest
    @EnumSource
    void aResetOfTheVisitorResetsTheTarget(Transport transport) throws Exception {
        Junction j = start(transport).join();
        reset(j.visitor);
        isReset(j.target);
        isClosed(j, CloseReason.LEFT_RESET);
    }

    @ParameterizedTest
    @EnumSource
    void aResetOfTheTargetResetsTheVisitor(Transport transport) throws Exception {
        Junction j = start(transport).join();
        reset(j.target);
        isReset(j.visitor);
        isClosed(j, CloseReason.RIGHT_RESET);
    }

    @ParameterizedTest
    @EnumSource
    void anEndForWhoHasResetMeanwhileIsToldAsTheReset(Transport transport) throws Exception {
        Junction j = start(transport).join();
        j.on(relay -> {
            // The kernel knows of the reset, the loop does not yet.
            assertThatCode(() -> reset(j.visitor)).doesNotThrowAnyException();
            j.left.end();
            if (transport == Transport.EPOLL) {
                assertThat(j.closed).containsExactly(CloseReason.LEFT_RESET);
            }
        });
        isReset(j.target);
        isClosed(j, CloseReason.LEFT_RESET);
    }

    @ParameterizedTest
    @EnumSource
    void aResetBehindAHalfCloseIsNoProperEnd(Transport transport) throws Exception {
        Junction j = start(transport).join();
        j.visitor.shutdownOutput();
        assertThat(j.target.getInputStream().read()).isEqualTo(-1);
        reset(j.target);
        isReset(j.visitor);
        isClosed(j, CloseReason.RIGHT_RESET);
    }

    @ParameterizedTest
    @EnumSource
    void aReaderThatResetsWhileItsWriterRests(Transport transport) throws Exception {
        Junction j = start(transport).join();
        CompletableFuture<Void> sender = sending(j.visitor, random(PLENTY));
        await().until(() -> j.left.rests.get() > 0);
        reset(j.target);
        assertThatThrownBy(sender::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(SocketException.class);
        isClosed(j, CloseReason.RIGHT_RESET);
    }

    @ParameterizedTest
    @EnumSource
    void aCutResetsBothAndIsToldOnce(Transport transport) throws Exception {
        Junction j = start(transport).join();
        CompletableFuture<Void> sender = sending(j.visitor, random(PLENTY));
        await().until(() -> j.left.rests.get() > 0);
        j.cut();
        j.cut();
        assertThatThrownBy(sender::join).hasCauseInstanceOf(SocketException.class);
        isReset(j.target);
        isClosed(j, CloseReason.CUT);
    }

    @ParameterizedTest
    @EnumSource
    void theLastBytesAreDeliveredThoughBothHaveEnded(Transport transport) throws Exception {
        Junction j = start(transport).join();
        byte[] last = drain(j);
        assertThat(j.target.getInputStream().readNBytes(last.length + 1)).isEqualTo(last);
        await().untilAsserted(() -> assertThat(j.left.consumed).hasValue(last.length));
        isClosed(j, CloseReason.ENDED);
    }

    @ParameterizedTest
    @EnumSource
    void aCutEndsADrainToo(Transport transport) throws Exception {
        Junction j = start(transport).join();
        drain(j);
        j.cut();
        isReset(j.target);
        assertThat(j.closed).as("told once").containsExactly(CloseReason.ENDED);
    }

    @ParameterizedTest
    @EnumSource
    void whoBreaksOffADrainLetsTheOtherLegGo(Transport transport) throws Exception {
        Junction j = start(transport).join();
        byte[] last = drain(j);
        assertThat(j.left.resets).hasValue(0);
        reset(j.target);
        await().untilAsserted(() -> assertThat(j.left.resets).hasPositiveValue());
        assertThat(j.left.consumed.get()).isLessThan(last.length);
        isClosed(j, CloseReason.ENDED);
    }

    @ParameterizedTest
    @EnumSource
    void whoTakesNothingOfADrainIsResetAndTheOtherLegLetGo(Transport transport) throws Exception {
        Junction j = start(transport, Duration.ofMillis(300));
        byte[] last = drain(j.join());
        await().untilAsserted(() -> assertThat(j.left.resets).hasPositiveValue());
        assertThat(j.left.consumed.get()).isLessThan(last.length);
        isReset(j.target);
        assertThat(j.closed).as("told once").containsExactly(CloseReason.ENDED);
    }

    @ParameterizedTest
    @EnumSource
    void aDrainMayTakeLongAsLongAsItMoves(Transport transport) throws Exception {
        Duration linger = Duration.ofSeconds(1);
        Junction j = start(transport, linger);
        byte[] last = drain(j.join());
        long begun = System.nanoTime();
        ByteArrayOutputStream taken = new ByteArrayOutputStream();
        await().pollInterval(linger.dividedBy(4)).atMost(Duration.ofSeconds(20)).until(() -> {
            taken.write(j.target.getInputStream().readNBytes(A_LITTLE / 10));
            return taken.size() == A_LITTLE;
        });
        assertThat(System.nanoTime() - begun).isGreaterThan(2 * linger.toNanos());
        assertThat(taken.toByteArray()).isEqualTo(last);
        assertThat(j.target.getInputStream().read()).as("a proper end").isEqualTo(-1);
        assertThat(j.left.resets).hasValue(0);
    }

    @ParameterizedTest
    @EnumSource
    void whoStillMayWriteMayRestAsLongAsItLikes(Transport transport) throws Exception {
        Duration linger = Duration.ofMillis(100);
        Junction j = start(transport, linger).join();
        byte[] last = random(A_LITTLE);
        j.visitor.getOutputStream().write(last);
        j.visitor.shutdownOutput();
        await().during(linger.multipliedBy(6)).atMost(Duration.ofSeconds(10)).until(() -> j.closed.isEmpty());
        assertThat(j.target.getInputStream().readAllBytes()).isEqualTo(last);
        j.target.getOutputStream().write(7);
        j.target.close();
        assertThat(j.visitor.getInputStream().readAllBytes()).containsExactly(7);
        isClosed(j, CloseReason.ENDED);
    }

    /** Brings the relay to the point where both sides have ended and the target has still to be sent most of what the visitor wrote. */
    private static byte[] drain(Junction j) throws IOException {
        byte[] last = random(A_LITTLE);
        j.target.shutdownOutput();
        j.visitor.getOutputStream().write(last);
        j.visitor.shutdownOutput();
        assertThat(j.visitor.getInputStream().read()).isEqualTo(-1);
        await().untilAsserted(() -> assertThat(j.closed).containsExactly(CloseReason.ENDED));
        assertThat(j.left.consumed.get()).as("sent to the target already").isLessThan(A_LITTLE);
        return last;
    }

    @ParameterizedTest
    @EnumSource
    void whatCameBeforeTheJoinIsNotLost(Transport transport) throws Exception {
        Junction j = start(transport);
        j.visitor.getOutputStream().write("early".getBytes(StandardCharsets.US_ASCII));
        j.visitor.shutdownOutput();
        j.turns(10);
        j.join();
        assertThat(j.target.getInputStream().readNBytes(6)).asString().isEqualTo("early");
    }

    @ParameterizedTest
    @EnumSource
    void aResetBeforeTheJoinIsAResetBehindIt(Transport transport) throws Exception {
        Junction j = start(transport);
        reset(j.visitor);
        j.turns(10);
        j.join();
        isReset(j.target);
        isClosed(j, CloseReason.LEFT_RESET);
    }

    private Junction start(Transport transport) throws Exception {
        return start(transport, Duration.ofMinutes(1));
    }

    private Junction start(Transport transport, Duration linger) throws Exception {
        Junction started = new Junction(transport, linger);
        junction = started;
        return started;
    }

    private static byte[] random(int bytes) {
        byte[] data = new byte[bytes];
        new Random(bytes).nextBytes(data);
        return data;
    }

    private static void isClosed(Junction j, CloseReason reason) {
        await().untilAsserted(() -> assertThat(j.closed).containsExactly(reason));
    }

    private static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** Reads until the reset; a proper end would be a failure. */
    private static void isReset(Socket socket) {
        assertThatThrownBy(() -> socket.getInputStream().transferTo(OutputStream.nullOutputStream()))
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
    }

    private static CompletableFuture<Void> sending(Socket socket, byte[] data) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        socket.getOutputStream().write(data);
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    }
                },
                task -> new Thread(task, "peer").start());
    }

    private static CompletableFuture<byte[]> reading(Socket socket, int bytes) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return socket.getInputStream().readNBytes(bytes);
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    }
                },
                task -> new Thread(task, "peer").start());
    }
}
