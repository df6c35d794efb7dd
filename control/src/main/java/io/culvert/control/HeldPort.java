package io.culvert.control;

/** A port of this machine as a resource: TCP and UDP are counted apart. Immutable, any thread. */
record HeldPort(Protocol protocol, int number) {
    static HeldPort of(Expose expose) {
        return new HeldPort(expose.protocol(), expose.port());
    }

    static HeldPort of(Bridge bridge) {
        return new HeldPort(Protocol.TCP, bridge.port());
    }
}
