package io.culvert.control;

import io.culvert.control.caller.Permission;
import io.culvert.control.caller.Verdict;
import io.culvert.control.event.EventKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moves ports of living tunnels, and reserves and releases them. Control thread, inside a change only: it waits. */
final class PortDesk {
    private static final Logger log = LoggerFactory.getLogger(PortDesk.class);

    private final StoreDesk desk;
    private final TunnelTable table;
    private final PortBook ports;
    private final PortMover mover;
    private final TunnelChanger changer;
    private final ProjectGate gate;
    private final QuotaRule quotas;
    private final News news;

    PortDesk(
            StoreDesk desk,
            TunnelTable table,
            PortBook ports,
            PortMover mover,
            TunnelChanger changer,
            ProjectGate gate,
            QuotaRule quotas,
            News news) {
        this.desk = desk;
        this.table = table;
        this.ports = ports;
        this.mover = mover;
        this.changer = changer;
        this.gate = gate;
        this.quotas = quotas;
        this.news = news;
    }

    /** Binds the new port, then stores it, and goes back to the old one where that fails: a row names only ports that were had. */
    Tunnel move(Caller caller, long id, int slot, int wanted) {
        LivingTunnel tunnel = changer.changeable(caller, id);
        List<Expose> exposes = tunnel.stored().exposes();
        if (slot < 0 || slot >= exposes.size()) {
            throw new InvalidRequestException("expose", String.valueOf(slot), "0 to " + (exposes.size() - 1));
        }
        if (wanted < 0 || wanted > 65_535) {
            throw new InvalidRequestException("port", String.valueOf(wanted), "0 to 65535");
        }
        Expose old = exposes.get(slot);
        if (wanted == old.port()) {
            return tunnel.view();
        }
        quotas.refusePort(tunnel.stored().project(), wanted, old.pool());
        if (tunnel.ports != LivingTunnel.Ports.UP) {
            throw new ConflictException(tunnel.stored().spoken() + " has no port to move: " + tunnel.missing);
        }
        desk.refuseWhileFailing();
        int port = mover.bind(caller, tunnel, slot, wanted);
        HeldPort taken = new HeldPort(old.protocol(), port);
        List<Expose> moved = new ArrayList<>(exposes);
        moved.set(slot, old.on(port));
        StoredDraft draft = tunnel.draft();
        draft.exposes = moved;
        draft.version++;
        try {
            changer.commit(tunnel, draft.done());
        } catch (ControlException e) {
            ports.letGo(taken, id);
            if (table.entry(id) == tunnel) {
                mover.back(tunnel, slot);
            }
            throw e;
        }
        desk.rest(ports.rest(tunnel.stored(), List.of(HeldPort.of(old))));
        if (ports.wake(taken)) {
            desk.wake(taken);
        }
        news.tell(
                EventKind.PORT_MOVED,
                id,
                "port " + old.port() + " moved to " + port + " by " + caller.name(),
                Map.of("from", String.valueOf(old.port()), "to", String.valueOf(port)));
        return table.publish(tunnel);
    }

    PortHolding reserve(
            Caller caller, Optional<String> wanted, Protocol protocol, int port, Optional<String> pool, String name) {
        String project = gate.find(caller, Permission.PORTS_WRITE, wanted);
        if (port < 0 || port > 65_535) {
            throw new InvalidRequestException("port", String.valueOf(port), "0 to 65535");
        }
        TermRules.checkName(name);
        desk.refuseWhileFailing();
        Reservation reservation = ports.reserve(caller, project, protocol, port, pool, name);
        if (ports.reservation(HeldPort.of(reservation)).isEmpty()) {
            quotas.refuseReservation(project, port, pool);
        }
        try {
            desk.apply(StoreChanges.ports(PortChanges.reserving(reservation)));
        } catch (StoreUnavailableException e) {
            if (ports.reservation(HeldPort.of(reservation)).isEmpty()) {
                desk.unreserve(HeldPort.of(reservation));
            }
            throw e;
        }
        ports.add(reservation);
        log.info("Port {} is reserved for '{}' by {}", reservation.port(), name, caller.name());
        return ports.holdings().stream()
                .filter(one -> one.port() == reservation.port() && one.protocol() == protocol)
                .findFirst()
                .orElseThrow();
    }

    boolean release(Caller caller, Protocol protocol, int number) {
        HeldPort port = new HeldPort(protocol, number);
        Optional<String> claim = ports.claim(port);
        if (claim.isPresent()) {
            Verdict verdict = caller.grants().inProject(Permission.PORTS_WRITE, claim.get());
            if (verdict == Verdict.REFUSED) {
                throw new ForbiddenException(Permission.PORTS_WRITE.word() + ": not granted in project " + claim.get());
            } else if (verdict == Verdict.HIDDEN) {
                return false;
            }
        }
        Optional<PortChanges> changes = ports.releasing(port);
        if (changes.isEmpty()) {
            return false;
        }
        try {
            desk.apply(StoreChanges.ports(changes.get()));
        } catch (StoreUnavailableException e) {
            ports.reservation(port).ifPresent(desk::reserve);
            throw e;
        }
        ports.release(port);
        log.info("Port {} is released by {}", number, caller.name());
        return true;
    }
}
