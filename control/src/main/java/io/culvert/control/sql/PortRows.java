package io.culvert.control.sql;

import io.culvert.control.HeldPort;
import io.culvert.control.PortChanges;
import io.culvert.control.Reservation;
import io.culvert.control.RestingPort;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** Reservations and quarantines as rows. No state; used inside a transaction by the thread that has it. */
final class PortRows {
    private static final String NO_RESERVATION = "DELETE FROM reservation WHERE protocol = ? AND port = ?";
    private static final String NO_QUARANTINE = "DELETE FROM quarantine WHERE protocol = ? AND port = ?";

    private PortRows() {}

    static PortChanges load(Handle handle) {
        List<Reservation> reserved = handle.createQuery(
                        "SELECT protocol, port, project, name, owner FROM reservation ORDER BY protocol, port")
                .map((row, context) -> new Reservation(
                        TunnelRows.protocol(row.getString("protocol")),
                        row.getInt("port"),
                        row.getString("project"),
                        row.getString("name"),
                        row.getString("owner")))
                .list();
        List<RestingPort> resting = handle.createQuery(
                        "SELECT protocol, port, ends_at, tunnel_id, project, owner, name FROM quarantine ORDER BY protocol, port")
                .map((row, context) -> new RestingPort(
                        TunnelRows.protocol(row.getString("protocol")),
                        row.getInt("port"),
                        SqlTunnelStore.instant(row.getLong("ends_at")),
                        row.getLong("tunnel_id"),
                        row.getString("project"),
                        row.getString("owner"),
                        TunnelRows.optional(row, "name")))
                .list();
        return new PortChanges(Set.of(), reserved, Set.of(), resting);
    }

    static void apply(Handle handle, PortChanges changes) {
        PreparedBatch unreserve = handle.prepareBatch(NO_RESERVATION);
        changes.released().forEach(port -> add(unreserve, port));
        changes.reserved().forEach(port -> unreserve.add(TunnelRows.protocol(port.protocol()), port.port()));
        SqlTunnelStore.executeUnlessEmpty(unreserve);
        PreparedBatch reserve = handle.prepareBatch(
                "INSERT INTO reservation (protocol, port, project, name, owner) VALUES (?, ?, ?, ?, ?)");
        changes.reserved()
                .forEach(port -> reserve.add(
                        TunnelRows.protocol(port.protocol()), port.port(), port.project(), port.name(), port.owner()));
        SqlTunnelStore.executeUnlessEmpty(reserve);
        PreparedBatch wake = handle.prepareBatch(NO_QUARANTINE);
        changes.awake().forEach(port -> add(wake, port));
        changes.resting().forEach(port -> wake.add(TunnelRows.protocol(port.protocol()), port.port()));
        SqlTunnelStore.executeUnlessEmpty(wake);
        PreparedBatch rest = handle.prepareBatch(
                "INSERT INTO quarantine (protocol, port, ends_at, tunnel_id, project, owner, name) VALUES (?, ?, ?, ?, ?, ?, ?)");
        changes.resting()
                .forEach(port -> rest.add(
                        TunnelRows.protocol(port.protocol()),
                        port.port(),
                        SqlTunnelStore.micros(port.until()),
                        port.tunnel(),
                        port.project(),
                        port.owner(),
                        port.name().orElse(null)));
        SqlTunnelStore.executeUnlessEmpty(rest);
    }

    private static void add(PreparedBatch batch, HeldPort port) {
        batch.add(TunnelRows.protocol(port.protocol()), port.number());
    }
}
