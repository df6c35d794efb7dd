package io.culvert.client.seed;

/** What an expose carries. */
public enum Protocol {
    /** Connections. */
    TCP,
    /** Datagrams; each visitor address is a flow of its own. */
    UDP
}
