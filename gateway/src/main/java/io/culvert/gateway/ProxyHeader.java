package io.culvert.gateway;

/** Whether the target is told who its visitor is, by a header in front of the visitor's bytes (HAProxy's PROXY protocol). */
public enum ProxyHeader {
    /** Not told. */
    NONE,
    /** Version 1, text; TCP only: a UDP expose has version 2 then. */
    V1,
    /** Version 2, binary; in UDP in front of the first datagram of each flow. */
    V2
}
