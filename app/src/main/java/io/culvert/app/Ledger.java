package io.culvert.app;

import io.culvert.control.Caller;
import io.culvert.control.Traffic;
import io.culvert.control.Tunnel;
import io.culvert.control.TunnelService;
import io.culvert.control.access.AccessService;
import io.culvert.control.access.Project;
import io.culvert.control.audit.AuditLog;
import io.culvert.control.event.EventLog;
import io.culvert.control.event.EventScribe;
import io.culvert.control.hook.SecretBox;
import io.culvert.control.hook.WebhookSettings;
import io.culvert.control.hook.Webhooks;
import io.culvert.control.ledger.LedgerThread;
import io.culvert.control.sql.SqlTunnelStore;
import io.culvert.control.usage.MonthLedger;
import io.culvert.control.usage.UsageLedger;
import io.culvert.control.usage.UsageReader;
import io.culvert.gateway.Counts;
import io.culvert.gateway.DataPlane;
import io.culvert.web.hook.HttpHookSender;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What happened, what was carried and who is told: events, usage and webhooks, on one thread beside the control plane's. Opened and closed by
 * the thread that starts and stops the server; its parts have rules of their own.
 */
final class Ledger implements AutoCloseable {
    private static final Caller SERVER = Caller.trusted("server");
    private static final Duration PACE = Duration.ofSeconds(1);
    /** Events that can be read again. */
    private static final int EVENTS_KEPT = 10_000;

    private final LedgerThread thread = new LedgerThread(System::nanoTime, PACE);
    private final HttpHookSender sender = new HttpHookSender(VersionCommand.version());
    private final SqlTunnelStore store;
    private final InstantSource clock;
    private final EventScribe scribe;
    private final UsageLedger usage;
    private final AuditLog audit;

    /** Reads what was written before. */
    Ledger(SqlTunnelStore store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
        this.scribe = EventScribe.open(store.events(), EVENTS_KEPT);
        this.usage = UsageLedger.open(store.usage(), clock, thread);
        this.audit = AuditLog.open(store.audit(), clock, thread, thread::hurry);
    }

    EventLog events() {
        return scribe.log();
    }

    AuditLog audit() {
        return audit;
    }

    UsageReader usage() {
        return usage;
    }

    /** Hears from now on which tunnels end, those among them that the start finds at their end. */
    void hear(TunnelService tunnels) {
        tunnels.watchEnds(record -> usage.close(record.tunnel().id(), counts(record.traffic())));
    }

    /** Holds projects to what they may carry, from before the first tunnel is open. */
    MonthLedger months(DataPlane dataPlane, AccessService access, TunnelService tunnels) {
        return MonthLedger.open(
                store.months(),
                clock,
                dataPlane,
                () -> access.projects().list(SERVER).stream()
                        .collect(Collectors.toUnmodifiableMap(Project::name, Project::quotas)),
                tunnels::months);
    }

    /** Begins to write, once there is something to be written. */
    Webhooks begin(
            TunnelService tunnels,
            DataPlane dataPlane,
            AccessService access,
            MonthLedger months,
            SecretBox box,
            SecureRandom random) {
        Webhooks webhooks = Webhooks.open(
                events(),
                store.webhooks(),
                sender,
                id -> tunnels.findAny(SERVER, id).map(Tunnel::labels).orElse(Map.of()),
                access.projects()::quotas,
                box,
                clock,
                random,
                WebhookSettings.defaults(),
                thread);
        usage.watch(() -> counts(tunnels, dataPlane));
        thread.begin(List.of(webhooks.sending(), scribe, audit, usage, months, webhooks, access));
        return webhooks;
    }

    private static Counts counts(Traffic traffic) {
        return new Counts(
                traffic.bytesIn(),
                traffic.bytesOut(),
                traffic.connections(),
                traffic.refused(),
                traffic.datagramsDropped());
    }

    private static Map<Long, Counts> counts(TunnelService tunnels, DataPlane dataPlane) {
        Map<Long, Counts> counts = new HashMap<>();
        tunnels.list(SERVER)
                .forEach(tunnel ->
                        dataPlane.status(tunnel.id()).ifPresent(status -> counts.put(tunnel.id(), status.counts())));
        return counts;
    }

    /** Writes what is behind. */
    @Override
    public void close() {
        thread.close();
        sender.close();
    }
}
