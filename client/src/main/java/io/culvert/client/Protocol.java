package io.culvert.client;

import java.util.Locale;

/** What an expose carries. */
public enum Protocol {
    /** Connections. */
    TCP,
    /** Datagrams; each visitor address is a flow of its own. */
    UDP;

    /** As the API spells it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Protocol of(String word) {
        return word.equals("udp") ? UDP : TCP;
    }
}
