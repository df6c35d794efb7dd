package io.culvert.gateway.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.gateway.ExposeSpec;
import io.culvert.gateway.GatewayEvents;
import io.culvert.gateway.Policy;
import io.culvert.gateway.Protocol;
import io.culvert.gateway.Target;
import io.culvert.gateway.TunnelSpec;
import io.culvert.link.net.Descriptors;
import io.culvert.link.net.MemoryBudget;
import io.culvert.link.net.Transport;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A UDP port by itself. */
@Timeout(60)
class UdpExposeTest {
    private static final InetSocketAddress HOST = new InetSocketAddress("127.83.71.11", 0);
    private static final Target TARGET = new Target("127.0.0.1", 9);

    private final EventLoopGroup loops = Transport.best().loops("udp", 1);
    private final EventLoop loop = loops.next();
    private final LiveTunnel tunnel = new LiveTunnel(
            new TunnelSpec(1, List.of(new ExposeSpec(Protocol.UDP, 0, TARGET))),
            loop,
            new Silent(),
            new AtomicLong()::incrementAndGet,
            Duration.ofSeconds(60),
            new ProjectShare(),
            MemoryBudget.ofDirectBuffers());

    @AfterEach
    void close() {
        assertThat(loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(10_000))
                .isTrue();
    }

    @Test
    void aPortWhoseLoopHasEndedIsToldOf() {
        close();
        assertThat(bind().toCompletableFuture())
                .failsWithin(10, TimeUnit.SECONDS)
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(RejectedExecutionException.class);
        assertThat(Listener.bind(Transport.best(), loop, HOST, true, new Scarcity(Descriptors.UNLIMITED), visitor -> {})
                        .toCompletableFuture())
                .as("nor does TCP's wait for ever")
                .failsWithin(10, TimeUnit.SECONDS)
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(RejectedExecutionException.class);
    }

    private CompletionStage<PublicPort> bind() {
        return UdpExpose.bind(
                Transport.best(), loop, HOST, tunnel, 0, TARGET, Duration.ofMinutes(10), Descriptors.UNLIMITED);
    }

    private static final class Silent implements GatewayEvents {
        @Override
        public void agentUp(long tunnelId, String agent, int sessions) {}

        @Override
        public void agentReplaced(long tunnelId, String oldAgent, String newAgent) {}

        @Override
        public void targetFailed(long tunnelId, int expose, String why) {}

        @Override
        public void targetReached(long tunnelId, int expose) {}

        @Override
        public void policyHit(long tunnelId, Policy policy, String visitor, long times) {}

        @Override
        public void agentDown(long tunnelId, String agent, String why, int sessions) {}
    }
}
