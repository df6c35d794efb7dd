package io.culvert.gateway.engine;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import java.net.SocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** A bound port of a tunnel. Lives on the tunnel's home loop. */
interface PublicPort {
    /**
     * Registers and binds a socket; any thread. Where that fails the socket is closed, and the stage fails with the exception of whichever
     * did.
     *
     * @param port makes what the stage completes with; called on {@code loop}
     */
    static <P> CompletionStage<P> bind(EventLoop loop, Channel channel, SocketAddress address, Supplier<P> port) {
        CompletableFuture<P> bound = new CompletableFuture<>();
        ChannelFuture registering = loop.register(channel);
        registering.addListener(registered -> {
            if (!registered.isSuccess()) {
                // Netty has closed the channel.
                bound.completeExceptionally(registered.cause());
                return;
            }
            channel.bind(address).addListener(done -> {
                if (done.isSuccess()) {
                    bound.complete(port.get());
                } else {
                    channel.close();
                    bound.completeExceptionally(done.cause());
                }
            });
        });
        Throwable refused = registering.cause();
        if (refused != null) {
            // By a loop that has ended, and calls no listeners any more.
            bound.completeExceptionally(refused);
        }
        return bound;
    }

    /** The real number, 1 to 65535. */
    int port();

    /** Frees the port; the stage completes once it is free. */
    CompletionStage<Void> close();
}
