package io.culvert.link.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a peer may not do; each is told with the value and what was expected. */
class YamuxViolationsTest {
    private final Pair pair = new Pair();
    private final Side server = pair.server;

    @AfterEach
    void nothingIsLeft() {
        pair.close();
    }

    @ParameterizedTest
    @CsvSource({
        "01 01 0001 00000001 00000000, version 1 (expected: 0)",
        "ff 01 0001 00000001 00000000, version 255 (expected: 0)",
        "00 04 0000 00000001 00000000, frame type 4 (expected: 0 to 3)",
        "00 ff 0000 00000001 00000000, frame type 255 (expected: 0 to 3)",
        "00 01 0010 00000001 00000000, 'flags 0x10 (expected: SYN, ACK, FIN, RST)'",
        "00 00 8001 00000001 00000000, 'flags 0x8001 (expected: SYN, ACK, FIN, RST)'",
        "00 00 0001 00000000 00000000, stream frame on stream 0 (expected: a stream's number)",
        "00 01 0000 00000000 00000000, stream frame on stream 0 (expected: a stream's number)",
        "00 01 0001 00000002 00000000, SYN on stream 2 (expected: an odd number)",
        "00 01 0001 fffffffe 00000000, SYN on stream 4294967294 (expected: an odd number)",
        "00 02 0001 00000001 00000000, ping on stream 1 (expected: 0)",
        "00 02 0000 00000000 00000000, ping with flags 0x0 (expected: SYN or ACK)",
        "00 02 0003 00000000 00000000, ping with flags 0x3 (expected: SYN or ACK)",
        "00 03 0000 00000005 00000000, go away on stream 5 (expected: 0)",
        "00 00 0001 00000001 00040001, data frame of 262145 bytes (expected: at most 262144)",
        "00 00 0001 00000001 80000000, data frame of 2147483648 bytes (expected: at most 262144)",
        "00 00 0001 00000001 ffffffff, data frame of 4294967295 bytes (expected: at most 262144)",
        "00 00 0000 00000001 80000000, data frame of 2147483648 bytes (expected: at most 16777216)",
        "00 00 0000 00000001 01000001, data frame of 16777217 bytes (expected: at most 16777216)",
        "00 01 0001 00000001 fffc0000, window of 4294967296 bytes (expected: at most 4294967295)",
    })
    void aFrameThatNoPeerMaySend(String frame, String message) {
        refused(frame, message);
    }

    @Test
    void theServersPeerOfAClientOpensEvenOnes() {
        assertThatExceptionOfType(YamuxViolation.class)
                .isThrownBy(() -> pair.client.receive("00 01 0001 00000001 00000000"))
                .withMessage("SYN on stream 1 (expected: an even number)");
    }

    @Test
    void aSecondSyn() {
        server.receive(Side.frame(Frame.WINDOW_UPDATE, Frame.SYN, 1, 0));
        refused(Side.frame(Frame.WINDOW_UPDATE, Frame.SYN, 1, 0), "second SYN on stream 1");
    }

    /** CVE-2026-32314: the credit was not looked at where the opening frame itself carried data. */
    @Test
    void rust_yamux_data_on_the_opening_frame_is_held_against_the_window() {
        refused(
                Side.data(Frame.SYN, 1, Yamux.INITIAL_WINDOW + 1),
                "data frame of 262145 bytes (expected: at most 262144)");
    }

    @Test
    void dataBeyondTheWindow() {
        server.receive(Side.frame(Frame.WINDOW_UPDATE, Frame.SYN, 1, 0));
        Ear ear = server.newest();
        ear.reads = false;
        for (int i = 0; i < 4; i++) {
            server.receive(Side.data(0, 1, 65_536));
            server.receive(server.pattern(65_536));
        }
        assertThat(ear.held).isEqualTo(Yamux.INITIAL_WINDOW);
        server.receive(Side.data(0, 1, 0));
        refused(Side.data(0, 1, 1), "data frame of 1 bytes (expected: at most 0)");
        ear.consume(ear.held);
    }

    @Test
    void rust_yamux_a_window_up_to_the_last_byte_is_fine_one_more_is_not() {
        server.receive("00 01 0001 00000001 fffbffff");
        assertThat(server.newest().stream.sendWindow).isEqualTo(0xFFFF_FFFFL);
        refused("00 01 0000 00000001 00000001", "window of 4294967296 bytes (expected: at most 4294967295)");
    }

    @Test
    void dataBehindTheEnd() {
        server.receive("00 01 0005 00000001 00000000");
        server.receive("00 00 0000 00000001 00000000");
        refused("00 00 0000 00000001 00000001", "data behind FIN on stream 1");
    }

    @Test
    void aSecondEnd() {
        server.receive("00 00 0005 00000001 00000001 aa");
        assertThat(server.newest().ended).isTrue();
        refused("00 01 0004 00000001 00000000", "second FIN on stream 1");
    }

    @Test
    void emptyDataIsNothing() {
        server.receive("00 00 0001 00000001 00000000" + "00 00 0000 00000001 00000000");
        assertThat(server.newest().calls).isZero();
        server.receive("00 00 0004 00000001 00000000");
        assertThat(server.newest().ended).isTrue();
    }

    @Test
    void aViolationCarriesNoStackTrace() {
        assertThat(new YamuxViolation("x").getStackTrace()).isEmpty();
    }

    private void refused(String frame, String message) {
        assertThatExceptionOfType(YamuxViolation.class)
                .isThrownBy(() -> server.receive(frame))
                .withMessage(message);
    }
}
