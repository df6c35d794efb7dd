package io.culvert.gateway.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.gateway.ExposeSpec;
import io.culvert.gateway.GatewayEvents;
import io.culvert.gateway.Policy;
import io.culvert.gateway.Protocol;
import io.culvert.gateway.Target;
import io.culvert.gateway.TunnelSpec;
import io.culvert.link.agent.AgentMessage.Hello;
import io.culvert.link.net.Descriptors;
import io.culvert.link.net.Liveness;
import io.culvert.link.net.MemoryBudget;
import io.culvert.link.net.Transport;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A UDP port whose visitors are each an address of this machine's own. */
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
    void wherePlacesAreTakenTheFlowThatRestedLongestMakesRoom() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            SocketChannel agent = Transport.best().socketChannel(listener.getInetAddress());
            loop.register(agent).sync();
            agent.connect(listener.getLocalSocketAddress()).sync();
            try (Socket peer = listener.accept()) {
                assertThat(peer.isConnected()).isTrue();
                onLoop(() -> {
                    Hello hello = new Hello(1, new byte[32], new byte[16], 0, false, "agent");
                    OwnSession session = new OwnSession(tunnel, agent, hello, "grant", 1, Liveness.DEFAULT);
                    agent.pipeline().addLast(session.mux());
                    tunnel.sessions().enter(session);
                });
                UdpExpose port = (UdpExpose) bind().toCompletableFuture().get(10, TimeUnit.SECONDS);
                DatagramSocket first = visitor(0);
                say(first, port);
                for (int i = 1; i < UdpExpose.MOST_FLOWS; i++) {
                    try (DatagramSocket visitor = visitor(i)) {
                        say(visitor, port);
                    }
                    // Not more at once than the socket keeps.
                    while (tunnel.visitors().size() <= i) {
                        onLoop(() -> {});
                    }
                }
                DatagramSocket late = visitor(UdpExpose.MOST_FLOWS);
                long taken = UdpExpose.MOST_FLOWS;
                while (taken == UdpExpose.MOST_FLOWS) {
                    say(first, port);
                    say(late, port);
                    loop.schedule(() -> {}, 10, TimeUnit.MILLISECONDS).sync();
                    taken = tunnel.visitors().tally().counts().connections();
                }
                assertThat(taken).isEqualTo(UdpExpose.MOST_FLOWS + 1);
                say(first, port);
                say(late, port);
                onLoop(() -> {});
                onLoop(() -> {});
                assertThat(tunnel.visitors().tally().counts().connections())
                        .as("neither who came nor who goes on talking was the one to go")
                        .isEqualTo(UdpExpose.MOST_FLOWS + 1);
                assertThat(tunnel.visitors().size()).isEqualTo(UdpExpose.MOST_FLOWS);
                first.close();
                late.close();
                port.close().toCompletableFuture().get(10, TimeUnit.SECONDS);
                agent.close().sync();
            }
        }
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

    private static DatagramSocket visitor(int number) throws IOException {
        return new DatagramSocket(
                0, InetAddress.getByAddress(new byte[] {127, 84, (byte) (number >> 8), (byte) number}));
    }

    private static void say(DatagramSocket visitor, UdpExpose to) throws IOException {
        visitor.send(new DatagramPacket(new byte[] {1}, 1, HOST.getAddress(), to.port()));
    }

    private void onLoop(Runnable action) throws Exception {
        CompletableFuture.runAsync(action, loop).get(10, TimeUnit.SECONDS);
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
