package io.culvert.agent;

import io.culvert.link.net.BridgeTls;
import io.culvert.link.net.MemoryBudget;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLException;

/**
 * The inner end of one tunnel: keeps its sessions with the server and dials the targets that visitors ask for. It comes back after every
 * failure until the tunnel ends, the server refuses its token, or it is closed. Any thread.
 */
public final class Agent implements AutoCloseable {
    private static final int INSTANCE_BYTES = 16;
    private static final long STOP_SECONDS = 5;
    /** For the server's name, and again for each of its addresses; shorter than the wait for its welcome. */
    private static final Duration SERVER_TIMEOUT = Duration.ofSeconds(10);

    private final AgentListener listener;
    private final EventLoopGroup loops;
    private final ExecutorService lookups;
    private final ExecutorService serverLookups;
    private final ExecutorService disk;
    private final CredentialRenewer renewer;
    private final List<SessionKeeper> keepers = new ArrayList<>();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final CompletableFuture<Void> left = new CompletableFuture<>();

    private Agent(AgentSettings settings, AgentListener listener) throws IOException {
        this.listener = listener;
        this.disk = lookups("culvert-agent-credential", 1);
        SecureRandom random = new SecureRandom();
        AgentCredential credential = new AgentCredential(
                settings.token(),
                random,
                settings.credentialFile()
                        .map(path -> new CredentialFile(path, settings.token().tunnelId())),
                disk);
        int threads = Math.min(settings.sessions(), Runtime.getRuntime().availableProcessors());
        this.loops = settings.transport().loops("culvert-agent", threads);
        this.lookups = lookups("culvert-agent-lookup", 2);
        // Of its own: the way back to the server shall not wait behind the names of visitors' targets.
        this.serverLookups = lookups("culvert-agent-server-lookup", 1);
        byte[] instance = new byte[INSTANCE_BYTES];
        random.nextBytes(instance);
        AtomicBoolean served = new AtomicBoolean();
        MemoryBudget.Share memory = MemoryBudget.ofDirectBuffers().share();
        SslContext tls = tls(settings.token().pin());
        Dialer targets = new Dialer(settings.transport(), lookups, settings.dialTimeout());
        Dialer server = new Dialer(settings.transport(), serverLookups, SERVER_TIMEOUT);
        this.renewer = new CredentialRenewer(
                settings,
                loops.next(),
                tls,
                server,
                credential,
                new Backoff(settings.firstRetry(), settings.mostRetry(), random));
        for (int i = 0; i < settings.sessions(); i++) {
            keepers.add(new SessionKeeper(
                    settings,
                    instance,
                    i,
                    loops.next(),
                    tls,
                    server,
                    targets,
                    new Backoff(settings.firstRetry(), settings.mostRetry(), random),
                    served,
                    credential,
                    memory,
                    new Reports()));
        }
    }

    private static ExecutorService lookups(String name, int threads) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads,
                threads,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(10_000),
                new DefaultThreadFactory(name, true));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    private static SslContext tls(byte[] pin) {
        try {
            return BridgeTls.best(InstantSource.system()).agent(pin);
        } catch (SSLException e) {
            throw new IllegalStateException("this Java has no usable TLS 1.3", e);
        }
    }

    /**
     * Starts an agent; it connects in the background and tells {@code listener} how it fares. Waits for the disk where there is a file for
     * its credential.
     *
     * @throws UncheckedIOException where that file cannot be used; its message says why
     */
    public static Agent start(AgentSettings settings, AgentListener listener) {
        Agent agent;
        try {
            agent = new Agent(settings, listener);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
        agent.keepers.forEach(SessionKeeper::start);
        return agent;
    }

    /**
     * Leaves the server, cuts what is still carried, and waits, at most five seconds, until the listener has heard of the end and all threads have ended. A
     * listener that calls it, on a loop of the agent, is not kept waiting: that happens behind it. Repeating it does nothing more.
     */
    @Override
    public void close() {
        end(AgentEnd.CLOSED, "closed");
        // Behind the goodbyes: loops that shut down close their channels first, and run their last tasks then.
        left.whenComplete((done, failure) -> loops.shutdownGracefully(0, STOP_SECONDS, TimeUnit.SECONDS));
        if (!onOwnLoop()) {
            loops.terminationFuture().awaitUninterruptibly(STOP_SECONDS, TimeUnit.SECONDS);
        }
    }

    private boolean onOwnLoop() {
        for (EventExecutor loop : loops) {
            if (loop.inEventLoop()) {
                return true;
            }
        }
        return false;
    }

    private void end(AgentEnd end, String why) {
        if (ended.compareAndSet(false, true)) {
            CompletableFuture<?>[] leaving = keepers.stream()
                    .map(keeper -> keeper.stop().toCompletableFuture())
                    .toArray(CompletableFuture<?>[]::new);
            // Behind what the keepers still had to tell.
            CompletableFuture.allOf(leaving)
                    .whenCompleteAsync((done, failure) -> listener.ended(end, why), loops.next())
                    .whenComplete((done, failure) -> left.complete(null));
            renewer.stop();
            lookups.shutdownNow();
            serverLookups.shutdownNow();
            // What is to be kept is still written.
            disk.shutdown();
        }
    }

    private final class Reports implements SessionKeeper.Owner {
        @Override
        public void connected(int session, long epoch) {
            listener.connected(session, epoch);
        }

        @Override
        public void disconnected(int session, String why, Duration retryIn) {
            listener.disconnected(session, why, retryIn);
        }

        @Override
        public void renewIn(AgentCredential.Proof shown, Duration time) {
            renewer.in(shown, time);
        }

        @Override
        public void giveUp(AgentEnd end, String why) {
            end(end, why);
        }
    }
}
