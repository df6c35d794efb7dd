package io.culvert.link.bytes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FieldsTest {
    @Test
    void readsWhatItWrote() {
        ByteBuf buffer = Unpooled.buffer();
        Fields.writeString(buffer, "grüße 🚇");
        Fields.writeBytes(buffer, new byte[] {1, 2, 3});
        buffer.writeByte(0xFF).writeShort(0xFFFE).writeInt(-1).writeLong(Long.MAX_VALUE);

        assertThat(Fields.readString(buffer, "text", 0, 20)).isEqualTo("grüße 🚇");
        assertThat(Fields.readBytes(buffer, "bytes", 3, 3)).containsExactly(1, 2, 3);
        assertThat(Fields.readU8(buffer, "a")).isEqualTo(0xFF);
        assertThat(Fields.readU16(buffer, "b")).isEqualTo(0xFFFE);
        assertThat(Fields.readU32(buffer, "c")).isEqualTo(0xFFFF_FFFFL);
        assertThat(Fields.readU63(buffer, "d")).isEqualTo(Long.MAX_VALUE);
        assertThat(buffer.isReadable()).isFalse();
    }

    @Test
    void aFieldThatRunsPastTheEndIsRefused() {
        refused("x: cut short, 0 of 1 bytes", () -> Fields.readU8(Unpooled.EMPTY_BUFFER, "x"));
        refused("x: cut short, 1 of 2 bytes", () -> Fields.readU16(bytes(1), "x"));
        refused("x: cut short, 3 of 4 bytes", () -> Fields.readU32(bytes(1, 2, 3), "x"));
        refused("x: cut short, 7 of 8 bytes", () -> Fields.readU63(bytes(1, 2, 3, 4, 5, 6, 7), "x"));
        refused("x: cut short, 2 of 3 bytes", () -> Fields.readBytes(bytes(0, 3, 1, 2), "x", 0, 10));
        refused("x: cut short, 2 of 3 bytes", () -> Fields.readString(bytes(0, 3, 65, 66), "x", 0, 10));
        refused("x: cut short, 1 of 2 bytes", () -> Fields.readFixed(bytes(1), "x", 2));
    }

    @Test
    void aLengthOutOfBoundsIsRefusedBeforeTheBytesAreThere() {
        refused("x: 65535 bytes (expected: 0 to 9)", () -> Fields.readBytes(bytes(0xFF, 0xFF), "x", 0, 9));
        refused("x: 10 bytes (expected: 0 to 9)", () -> Fields.readString(bytes(0, 10), "x", 0, 9));
        refused("x: 0 bytes (expected: 1 to 9)", () -> Fields.readString(bytes(0, 0), "x", 1, 9));
    }

    @Test
    void lanproxy_a_negative_number_is_refused_as_the_big_one_that_it_is() {
        refused(
                "id: 18446744073709551615 (expected: 0 to 9223372036854775807)",
                () -> Fields.readU63(bytes(255, 255, 255, 255, 255, 255, 255, 255), "id"));
    }

    @Test
    void textMustBeUtf8() {
        // A lone continuation byte, an overlong '/', a surrogate, a number above U+10FFFF, a sequence cut short.
        int[][] malformed = {{0x80}, {0xC0, 0xAF}, {0xED, 0xA0, 0x80}, {0xF4, 0x90, 0x80, 0x80}, {'a', 0xE2, 0x82}};
        for (int[] each : malformed) {
            ByteBuf in = Unpooled.buffer().writeShort(each.length).writeBytes(bytes(each));
            refused("x: not UTF-8", () -> Fields.readString(in, "x", 0, 9));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\0", "a\nb", "a\r", "\u001b[31m", "\u007f", "\u0085", "\u2028", "\u2029"})
    void textThatCouldForgeALogLineIsRefusedBothWays(String text) {
        ByteBuf in = Unpooled.buffer();
        Fields.writeString(in, text);

        refused("x: control character (expected: printable text)", () -> Fields.readString(in, "x", 0, 99));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fields.requireText(text, "x", 0, 99))
                .withMessage("x: control character (expected: printable text)");
    }

    @Test
    void ownTextIsCheckedInBytesNotCharacters() {
        assertThat(Fields.requireText("üü", "x", 1, 4)).isEqualTo("üü");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fields.requireText("üü", "x", 1, 3))
                .withMessage("x: 4 bytes (expected: 1 to 3)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fields.requireText("", "x", 1, 3))
                .withMessage("x: 0 bytes (expected: 1 to 3)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fields.requireText("\ud83d", "x", 1, 3))
                .withMessage("x: half a surrogate pair (expected: text)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fields.writeBytes(Unpooled.buffer(), new byte[65536]))
                .withMessage("field: 65536 bytes (expected: at most 65535)");
    }

    @Test
    void aRefusalWalksNoStack() {
        MalformedException refusal = new MalformedException("x");
        refusal.addSuppressed(new IllegalStateException());

        assertThat(refusal.getStackTrace()).isEmpty();
        assertThat(refusal.getSuppressed()).isEmpty();
    }

    private static void refused(String message, ThrowingCallable read) {
        assertThatExceptionOfType(MalformedException.class).isThrownBy(read).withMessage(message);
    }

    private static ByteBuf bytes(int... values) {
        ByteBuf buffer = Unpooled.buffer();
        for (int each : values) {
            buffer.writeByte(each);
        }
        return buffer;
    }
}
