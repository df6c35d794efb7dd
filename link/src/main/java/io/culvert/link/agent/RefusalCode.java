package io.culvert.link.agent;

/** Why an agent is not let in. Immutable, any thread. */
public enum RefusalCode {
    /** What was shown is not good for this tunnel and never will be: showing the same again is of no use. */
    BAD_TOKEN(1),
    /** Not now; the same hello may be welcome later. */
    TRY_LATER(2),
    /** Somebody else serves the tunnel, and the agent said that it only stands by. */
    OCCUPIED(3),
    /** The server does not speak the agent's version of the protocol. */
    VERSION(4);

    private final int code;

    RefusalCode(int code) {
        this.code = code;
    }

    /** The number on the wire, 1 to 255. */
    public int code() {
        return code;
    }

    /**
     * The refusal with this number. A number that this version does not know reads as {@link #TRY_LATER}: a newer server may have
     * reasons that we cannot judge, and an agent that gives up for ever on a reason that it did not understand is worse than one that
     * asks again.
     */
    public static RefusalCode of(int code) {
        for (RefusalCode each : values()) {
            if (each.code == code) {
                return each;
            }
        }
        return TRY_LATER;
    }
}
