package io.culvert.gateway.engine;

import io.culvert.gateway.LiveConnection;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** An open connection of a visitor, or a UDP flow, as its tunnel's home loop sees it. */
interface Connection {
    /** Names it within this process. */
    long id();

    /** The visitor's; null where only a stock server knows it. Never changes. */
    @Nullable
    InetAddress address();

    /** {@link #address} and port, or who else stands for the visitor. Never changes. */
    String visitor();

    /** Where it lives. */
    EventLoop loop();

    /** Breaks it off by RST, or ends the flow. On the home loop or the connection's own; repeating it does nothing. */
    void cut();

    /** Puts the tunnel's present rules into force, by the next task of its loop. On the home loop. */
    void obey();

    /** As it is now; any thread. */
    LiveConnection live();
}
