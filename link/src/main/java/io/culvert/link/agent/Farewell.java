package io.culvert.link.agent;

import org.jspecify.annotations.Nullable;

/**
 * Why a session ends: the code of a yamux GoAway frame. 0 to 2 are yamux's own; Culvert's begin at 0x101, so that they meet nobody
 * else's. Immutable, any thread.
 */
public enum Farewell {
    /** Nothing is wrong; the sender leaves. */
    NORMAL(0),
    /** The receiver of this broke the protocol. */
    PROTOCOL_ERROR(1),
    /** The sender has a fault of its own. */
    INTERNAL_ERROR(2),
    /** The tunnel's lease ran out: coming back is of no use. */
    EXPIRED(0x101),
    /** Somebody removed the tunnel: coming back is of no use. */
    REMOVED(0x102),
    /** A newer session took this one's place: coming back would take it from that one again. */
    REPLACED(0x103),
    /** The server stops; the tunnel lives on and the agent should come back. */
    SHUTDOWN(0x104),
    /** The session has no stream ids left; a fresh session carries on. */
    IDS_USED_UP(0x105);

    private final int code;

    Farewell(int code) {
        this.code = code;
    }

    /** The number on the wire. */
    public int code() {
        return code;
    }

    /** The farewell with this number; null where this version does not know it. */
    public static @Nullable Farewell of(int code) {
        for (Farewell each : values()) {
            if (each.code == code) {
                return each;
            }
        }
        return null;
    }
}
