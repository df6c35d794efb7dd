package io.culvert.link.agent;

import io.culvert.link.agent.AgentMessage.Hello;
import io.culvert.link.agent.AgentMessage.Refused;
import io.culvert.link.agent.AgentMessage.Renew;
import io.culvert.link.agent.AgentMessage.Renewed;
import io.culvert.link.agent.AgentMessage.Welcome;
import io.culvert.link.bytes.Fields;
import io.culvert.link.bytes.MalformedException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of an {@link AgentMessage}. All integers are big endian; a string is a u16 length and that many bytes of UTF-8.
 *
 * <pre>
 * header   "CLVT" | u8 version = 1 | u8 type | u16 length of the body, at most 1024
 * 1 Hello    u64 tunnel id | u16+bytes secret, 0 or 16 to 64 | 16 bytes instance | u8 session, 0 to 63
 *            | u8 flags, 1 = standby, 2 = probes | string agent, 1 to 64 | u16+bytes credential, 0 or 32
 * 2 Welcome  u64 epoch | u32 ping interval in ms, 1 to 3600000 | string server, 1 to 64
 *            | u32 ms to the renewal of the credential, 0 for none
 * 3 Refused  u8 code | string text, 0 to 200
 * 4 Renew    u64 tunnel id | 32 bytes credential | 32 bytes next
 * 5 Renewed  u32 ms to the next renewal, at least 1
 * </pre>
 *
 * Ids and epochs leave their first bit clear. Bytes behind the last known field of a body and flags that are not known are ignored,
 * so that a later minor version can add fields. Stateless: any thread, as long as it owns the buffer.
 */
public final class MessageCodec {
    /** The version of the protocol that this class speaks. */
    public static final int VERSION = 1;
    /** Bytes before the body. */
    public static final int HEADER_BYTES = 8;
    /** Greatest length of a body. */
    public static final int MAX_BODY = 1024;

    private static final int MAGIC = 0x43_4C_56_54; // "CLVT"
    private static final int MAGIC_BYTES = 4;
    private static final int VERSION_AT = 4;
    private static final int TYPE_AT = 5;
    private static final int LENGTH_AT = 6;

    private static final int HELLO = 1;
    private static final int WELCOME = 2;
    private static final int REFUSED = 3;
    private static final int RENEW = 4;
    private static final int RENEWED = 5;
    private static final int STANDBY = 1;
    private static final int PROBES = 2;

    private MessageCodec() {}

    /** Writes one message into a new buffer, which is the caller's to release. */
    public static ByteBuf encode(AgentMessage message, ByteBufAllocator allocator) {
        ByteBuf out = allocator.buffer(256, HEADER_BYTES + MAX_BODY);
        out.writeInt(MAGIC).writeByte(VERSION).writeByte(0).writeShort(0);
        int type;
        if (message instanceof Hello hello) {
            type = HELLO;
            out.writeLong(hello.tunnelId());
            Fields.writeBytes(out, hello.secret());
            int flags = (hello.standby() ? STANDBY : 0) | (hello.probes() ? PROBES : 0);
            out.writeBytes(hello.instance()).writeByte(hello.session()).writeByte(flags);
            Fields.writeString(out, hello.agent());
            Fields.writeBytes(out, hello.credential());
        } else if (message instanceof Welcome welcome) {
            type = WELCOME;
            out.writeLong(welcome.epoch())
                    .writeInt(Math.toIntExact(welcome.pingEvery().toMillis()));
            Fields.writeString(out, welcome.server());
            out.writeInt(
                    (int) welcome.renewIn().map(Duration::toMillis).orElse(0L).longValue());
        } else if (message instanceof Renew renew) {
            type = RENEW;
            out.writeLong(renew.tunnelId()).writeBytes(renew.credential()).writeBytes(renew.next());
        } else if (message instanceof Renewed renewed) {
            type = RENEWED;
            out.writeInt((int) renewed.renewIn().toMillis());
        } else {
            Refused refused = (Refused) message;
            type = REFUSED;
            out.writeByte(refused.code().code());
            Fields.writeString(out, refused.text());
        }
        out.setByte(TYPE_AT, type).setShort(LENGTH_AT, out.readableBytes() - HEADER_BYTES);
        return out;
    }

    /**
     * Reads one message, and not a byte more: what follows it is left in the buffer. Each byte is judged as soon as it is there, so a
     * peer that speaks another protocol is refused at its first wrong byte and not at its deadline.
     *
     * @return null where the message is not all there yet; nothing is consumed then
     * @throws UnknownVersionException where only the version is wrong
     * @throws MalformedException for anything else that is not such a message; the buffer is of no more use then
     */
    public static @Nullable AgentMessage decode(ByteBuf in) {
        int there = in.readableBytes();
        int start = in.readerIndex();
        for (int i = 0; i < Math.min(there, MAGIC_BYTES); i++) {
            if (in.getByte(start + i) != (byte) (MAGIC >>> (8 * (MAGIC_BYTES - 1 - i)))) {
                throw new MalformedException("not a Culvert agent: byte " + i + " of the magic is wrong");
            }
        }
        if (there > VERSION_AT && in.getUnsignedByte(start + VERSION_AT) != VERSION) {
            throw new UnknownVersionException(in.getUnsignedByte(start + VERSION_AT));
        }
        if (there > TYPE_AT) {
            int type = in.getUnsignedByte(start + TYPE_AT);
            if (type < HELLO || type > RENEWED) {
                throw new MalformedException("message type: " + type + " (expected: 1 to 5)");
            }
        }
        if (there > LENGTH_AT && in.getUnsignedByte(start + LENGTH_AT) > MAX_BODY >>> 8) {
            throw new MalformedException("message length: first byte " + in.getUnsignedByte(start + LENGTH_AT)
                    + " (expected: at most " + (MAX_BODY >>> 8) + ")");
        }
        if (there < HEADER_BYTES) {
            return null;
        }
        int length = in.getUnsignedShort(start + LENGTH_AT);
        if (length > MAX_BODY) {
            throw new MalformedException("message length: " + length + " (expected: at most " + MAX_BODY + ")");
        }
        if (there < HEADER_BYTES + length) {
            return null;
        }
        AgentMessage message = body(in.getUnsignedByte(start + TYPE_AT), in.slice(start + HEADER_BYTES, length));
        in.skipBytes(HEADER_BYTES + length);
        return message;
    }

    private static AgentMessage body(int type, ByteBuf body) {
        return switch (type) {
            case HELLO -> hello(body);
            case WELCOME -> welcome(body);
            case REFUSED -> refused(body);
            case RENEW -> renew(body);
            default -> new Renewed(Duration.ofMillis(millis(body, "renew", 1, Renewed.MAX_RENEW)));
        };
    }

    private static Refused refused(ByteBuf body) {
        RefusalCode code = RefusalCode.of(Fields.readU8(body, "code"));
        return new Refused(code, Fields.readString(body, "text", 0, Refused.MAX_TEXT));
    }

    private static Hello hello(ByteBuf body) {
        long tunnelId = Fields.readU63(body, "tunnel id");
        byte[] secret = Fields.readBytes(body, "secret", 0, JoinToken.MAX_SECRET);
        if (secret.length != 0 && secret.length < JoinToken.MIN_SECRET) {
            throw new MalformedException("secret: " + secret.length + " bytes (expected: " + JoinToken.MIN_SECRET
                    + " to " + JoinToken.MAX_SECRET + ", or none)");
        }
        byte[] instance = Fields.readFixed(body, "instance", Hello.INSTANCE_BYTES);
        int session = Fields.readU8(body, "session");
        if (session > Hello.MAX_SESSION) {
            throw new MalformedException("session: " + session + " (expected: 0 to " + Hello.MAX_SESSION + ")");
        }
        int flags = Fields.readU8(body, "flags");
        String agent = Fields.readString(body, "agent", 1, Hello.MAX_NAME);
        byte[] credential = Fields.readBytes(body, "credential", 0, AgentMessage.CREDENTIAL_BYTES);
        if (credential.length != 0 && credential.length != AgentMessage.CREDENTIAL_BYTES) {
            throw new MalformedException("credential: " + credential.length + " bytes (expected: "
                    + AgentMessage.CREDENTIAL_BYTES + ", or none)");
        }
        if (secret.length == 0 && credential.length == 0) {
            throw new MalformedException("neither secret nor credential (expected: one of them)");
        }
        return new Hello(
                tunnelId, secret, credential, instance, session, (flags & STANDBY) != 0, (flags & PROBES) != 0, agent);
    }

    private static Renew renew(ByteBuf body) {
        return new Renew(
                Fields.readU63(body, "tunnel id"),
                Fields.readFixed(body, "credential", AgentMessage.CREDENTIAL_BYTES),
                Fields.readFixed(body, "next", AgentMessage.CREDENTIAL_BYTES));
    }

    private static long millis(ByteBuf body, String name, long least, Duration most) {
        long millis = Fields.readU32(body, name);
        if (millis < least || millis > most.toMillis()) {
            throw new MalformedException(
                    name + ": " + millis + " ms (expected: " + least + " to " + most.toMillis() + ")");
        }
        return millis;
    }

    private static Welcome welcome(ByteBuf body) {
        long epoch = Fields.readU63(body, "epoch");
        long ping = millis(body, "ping", Welcome.MIN_PING.toMillis(), Welcome.MAX_PING);
        String server = Fields.readString(body, "server", 1, Welcome.MAX_NAME);
        long renew = millis(body, "renew", 0, Renewed.MAX_RENEW);
        return new Welcome(
                epoch,
                Duration.ofMillis(ping),
                server,
                renew == 0 ? Optional.empty() : Optional.of(Duration.ofMillis(renew)));
    }
}
