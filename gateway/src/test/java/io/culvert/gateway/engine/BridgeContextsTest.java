package io.culvert.gateway.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.culvert.gateway.identity.HandClock;
import io.culvert.gateway.identity.ServerIdentity;
import io.culvert.gateway.identity.SharedCertificate;
import io.culvert.link.net.BridgeTls;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BridgeContextsTest {
    private static final Instant START = Instant.parse("2026-11-23T00:00:00Z");
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir
    Path data;

    private final HandClock clock = new HandClock(START);
    /** What is to be done on the disk's thread. */
    private final Queue<Runnable> tasks = new ArrayDeque<>();

    private BridgeContexts contexts(Optional<SharedCertificate> shared) throws IOException {
        ServerIdentity identity = ServerIdentity.loadOrCreate(data.resolve("server"), clock, new SecureRandom());
        return new BridgeContexts(BridgeTls.best(clock), identity, shared, tasks::add, System::nanoTime);
    }

    private SharedCertificate common() throws IOException {
        ServerIdentity seed = ServerIdentity.loadOrCreate(data.resolve("seed"), clock, new SecureRandom());
        return new SharedCertificate(List.of(seed.chain().get(0)), seed.key());
    }

    @Test
    void whoAsksWhenItIsTimeHasItRenewedBehindTheScenes() throws Exception {
        BridgeContexts contexts = contexts(Optional.empty());
        SslContext first = contexts.server();
        assertThat(contexts.tunnel()).isSameAs(first);
        clock.set(START.plus(DAY.multipliedBy(243)));
        assertThat(contexts.server()).as("nobody waits").isSameAs(first);
        assertThat(contexts.tunnel()).isSameAs(first);
        contexts.check();
        assertThat(tasks).as("once for all of them").hasSize(1);
        tasks.remove().run();
        assertThat(contexts.server()).isNotSameAs(first).isSameAs(contexts.tunnel());
        assertThat(tasks).isEmpty();
    }

    @Test
    void itIsRenewedThoughNobodyComes() throws Exception {
        BridgeContexts contexts = contexts(Optional.empty());
        contexts.check();
        assertThat(tasks).isEmpty();
        clock.set(START.plus(DAY.multipliedBy(243)));
        contexts.check();
        assertThat(tasks).hasSize(1);
    }

    @Test
    void whatGoesWrongInARenewalDoesNotEndThemAll() throws Exception {
        AtomicBoolean broken = new AtomicBoolean();
        InstantSource moody = () -> {
            if (broken.get()) {
                throw new IllegalStateException("no time");
            }
            return clock.instant();
        };
        ServerIdentity identity = ServerIdentity.loadOrCreate(data.resolve("server"), moody, new SecureRandom());
        BridgeContexts contexts =
                new BridgeContexts(BridgeTls.best(clock), identity, Optional.empty(), tasks::add, System::nanoTime);
        SslContext first = contexts.server();
        clock.set(START.plus(DAY.multipliedBy(243)));
        contexts.check();
        broken.set(true);
        tasks.remove().run();
        assertThatCode(contexts::check).as("or it would not be called again").doesNotThrowAnyException();
        broken.set(false);
        assertThat(contexts.server()).isSameAs(first);
        assertThat(tasks).as("tried again").hasSize(1);
        tasks.remove().run();
        assertThat(contexts.server()).isNotSameAs(first);
    }

    @Test
    void theAuthoritysLastYearIsAnnounced() throws Exception {
        BridgeContexts contexts = contexts(Optional.empty());
        Instant end = START.plus(DAY.multipliedBy(20 * 365 + 5));
        clock.set(end.minus(DAY.multipliedBy(365)).minusSeconds(1));
        assertThat(contexts.warnings()).isEmpty();
        clock.set(end.minus(DAY.multipliedBy(365)));
        assertThat(contexts.warnings())
                .singleElement()
                .asString()
                .startsWith("the server's CA ends at 2046-11-23T00:00:00Z: no agent gets in from then on");
    }

    @Test
    void theCommonCertificatesEndIsAnnounced() throws Exception {
        BridgeContexts contexts = contexts(Optional.of(common()));
        clock.set(START.plus(DAY.multipliedBy(305)).minusSeconds(1));
        assertThat(contexts.warnings()).isEmpty();
        clock.set(START.plus(DAY.multipliedBy(305)));
        assertThat(contexts.warnings())
                .singleElement()
                .asString()
                .startsWith("the common certificate of the bridge ports ends at 2027-11-23T00:00:00Z");
    }
}
