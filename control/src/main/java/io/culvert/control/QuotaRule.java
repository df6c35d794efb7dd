package io.culvert.control;

import io.culvert.control.caller.Quotas;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Holds what is wanted against what a project may have. A project that has more than its quota, since that was lowered, keeps it. Control thread only. */
final class QuotaRule {
    private final ProjectGate gate;
    private final ProjectUse use;
    private final PortBook ports;

    QuotaRule(ProjectGate gate, ProjectUse use, PortBook ports) {
        this.gate = gate;
        this.use = use;
        this.ports = ports;
    }

    /**
     * Refuses one more tunnel where that is one too many, or its ports are, or come from where the project may not have any.
     *
     * @param begun what is being made already
     */
    void refuse(String project, CreateTunnel wanted, Collection<Opening> begun) {
        Quotas quotas = gate.quotas(project);
        if (quotas.equals(Quotas.NONE)) {
            return;
        }
        int tunnels = use.tunnels(project) + 1;
        int held = heldPorts(project) + count(wanted);
        for (Opening opening : begun) {
            if (opening.project.equals(project)) {
                tunnels++;
                held += count(opening.request);
            }
        }
        atMost(project, "tunnels", tunnels, quotas.tunnels());
        atMost(project, "ports", held, quotas.ports());
        for (int i = 0; i < wanted.exposes().size(); i++) {
            Expose expose = wanted.exposes().get(i);
            FieldPath at = CreateRules.expose(i);
            refusePool(quotas, at.then("port"), expose.port(), at.then("pool"), expose.pool());
        }
        wanted.bridge()
                .ifPresent(bridge ->
                        refusePool(quotas, CreateRules.BRIDGE, bridge.port(), CreateRules.BRIDGE, Optional.empty()));
    }

    /** Refuses one more reservation, likewise. */
    void refuseReservation(String project, int port, Optional<String> pool) {
        Quotas quotas = gate.quotas(project);
        atMost(project, "ports", heldPorts(project) + 1, quotas.ports());
        refusePool(quotas, FieldPath.of("port"), port, FieldPath.of("pool"), pool);
    }

    /** Refuses a port, or a pool to pick one from, where the project may not have any from there. */
    void refusePort(String project, int port, Optional<String> pool) {
        FieldPath field = FieldPath.of("port");
        refusePool(gate.quotas(project), field, port, field, pool);
    }

    /** Whether one more agent has a place. */
    boolean takesSession(String project) {
        OptionalInt most = gate.quotas(project).sessions();
        return most.isEmpty() || use.sessions(project) < most.getAsInt();
    }

    private int heldPorts(String project) {
        return use.ports(project) + ports.reserved(project);
    }

    private static int count(CreateTunnel wanted) {
        return wanted.exposes().size() + (wanted.bridge().isPresent() ? 1 : 0);
    }

    private static void atMost(String project, String what, int count, OptionalInt most) {
        if (most.isPresent() && count > most.getAsInt()) {
            throw new QuotaException(project, what, count, most.getAsInt());
        }
    }

    private void refusePool(Quotas quotas, FieldPath portField, int port, FieldPath poolField, Optional<String> pool) {
        Set<String> allowed = quotas.pools().orElse(Set.of());
        if (quotas.pools().isEmpty()) {
            return;
        }
        boolean fits = port == 0
                ? ports.pool(pool).map(PortPool::name).filter(allowed::contains).isPresent()
                : ports.lies(port, allowed);
        if (!fits) {
            String names = String.join(", ", allowed.stream().sorted().toList());
            throw port == 0
                    ? new InvalidRequestException(poolField, pool.orElse(""), "one of " + names)
                    : new InvalidRequestException(
                            portField, String.valueOf(port), "a port of one of the pools " + names);
        }
    }
}
