package io.culvert.web.v1;

import io.culvert.control.TunnelService;
import io.culvert.control.access.AccessService;
import io.culvert.control.audit.AuditLog;
import io.culvert.control.event.EventLog;
import io.culvert.control.hook.Webhooks;
import io.culvert.control.usage.UsageReader;
import io.culvert.web.caller.Reception;
import io.culvert.web.caller.Witness;
import io.culvert.web.contract.Contract;
import io.culvert.web.contract.ContractOperation;
import io.culvert.web.http.Turns;
import io.culvert.web.http.Unsent;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** {@code /api/v1}: each operation of the contract joined with who does it. Thread-safe once mounted. */
public final class V1Api {
    /** Where it is mounted. */
    public static final String ROOT = "/api/v1";

    private final Contract contract;
    private final Reception reception;
    private final Witness witness;
    private final Unsent unsent;
    private final Turns turns;
    private final Map<String, Work> works = new HashMap<>();

    /**
     * Joins contract and work.
     *
     * @throws IllegalStateException where one has what the other has not
     */
    public V1Api(
            Contract contract,
            TunnelService tunnels,
            EventLog events,
            UsageReader usage,
            Webhooks webhooks,
            AccessService access,
            AuditLog audit,
            boolean provider,
            Reception reception,
            Witness witness,
            Unsent unsent,
            Turns turns) {
        this.contract = contract;
        this.reception = reception;
        this.witness = witness;
        this.unsent = unsent;
        this.turns = turns;
        works.putAll(new TunnelOperations(tunnels).works());
        works.putAll(new JoinTokenOperations(tunnels).works());
        works.putAll(new BundleOperations(tunnels).works());
        works.putAll(new BulkOperations(tunnels).works());
        works.putAll(new TrafficOperations(tunnels, usage).works());
        works.putAll(new PortOperations(tunnels).works());
        works.putAll(new EventOperations(events, tunnels).works());
        works.putAll(new HookOperations(webhooks).works());
        works.putAll(new UserOperations(access.users()).works());
        works.putAll(new ProjectOperations(access.projects(), tunnels).works());
        works.putAll(new KeyOperations(access.keys(), tunnels).works());
        works.putAll(new AuditOperations(audit).works());
        works.putAll(new ServerOperations(tunnels, contract, limits(contract)).works());
        works.putAll(new SessionOperations(access, reception.isOpen(), provider).works());
        Set<String> ids = new HashSet<>();
        contract.operations().forEach(operation -> ids.add(operation.id()));
        if (!ids.equals(works.keySet())) {
            ids.removeAll(works.keySet());
            throw new IllegalStateException("operations: " + ids + " (expected: each of the contract and no other)");
        }
    }

    private static JsonObject limits(Contract contract) {
        int body = 0;
        int bulk = 0;
        for (ContractOperation operation : contract.operations()) {
            if (operation.id().equals("createTunnel")) {
                body = operation.maxBody();
            } else if (operation.id().equals("createTunnels")) {
                bulk = operation.maxBody();
            }
        }
        return new JsonObject()
                .put("page", 1_000)
                .put("bulk", 1_000)
                .put("body_bytes", body)
                .put("bulk_body_bytes", bulk)
                .put("event_readers", EventOperations.MOST_READERS);
    }

    /** Gives each path its handler. */
    public void mount(Router router) {
        Map<String, List<V1Handler.Served>> paths = new LinkedHashMap<>();
        for (ContractOperation operation : contract.operations()) {
            paths.computeIfAbsent(operation.path(), path -> new ArrayList<>())
                    .add(new V1Handler.Served(operation, Objects.requireNonNull(works.get(operation.id()))));
        }
        paths.forEach((path, served) -> router.route(ROOT + path.replaceAll("\\{([a-z]+)}", ":$1"))
                .handler(new V1Handler(served, reception, witness, unsent, turns)));
    }
}
