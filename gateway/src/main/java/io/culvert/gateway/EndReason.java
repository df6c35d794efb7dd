package io.culvert.gateway;

/** Why a tunnel ends; agents are told. */
public enum EndReason {
    /** The lease ran out. */
    EXPIRED,
    /** Somebody removed it. */
    REMOVED,
    /** The server stops; the tunnel itself lives on and is back with the server. */
    SHUTDOWN
}
