package io.culvert.control;

import java.util.List;

/**
 * Where tunnels outlive the process. Every change is one transaction that is on disk when the method returns. Methods wait for the
 * disk and throw {@link StoreUnavailableException} where it fails; whether a change that failed was made is then not known. Called by
 * one thread at a time.
 */
public interface TunnelStore extends AutoCloseable {
    /** The number of the next tunnel: larger than that of any tunnel that was ever inserted, living or not; 1 at first. */
    long nextId();

    /** All tunnels, ordered by id. */
    List<StoredTunnel> load();

    /** The tunnels that have ended and were not forgotten yet, ordered by id. */
    List<EndedTunnel> loadEnded();

    /** Reservations and quarantines; the latter also where their time is over. */
    PortChanges loadPorts();

    /** Whether the server was draining when that was last written. */
    boolean draining();

    /** Adds a tunnel and moves {@link #nextId()} past it. Fails where its id or one of its ports is there already. */
    default void insert(StoredTunnel tunnel) {
        insertAll(List.of(tunnel));
    }

    /** Adds all of these tunnels or none, likewise. */
    void insertAll(List<StoredTunnel> tunnels);

    /** Makes all of these changes or none. */
    void apply(StoreChanges changes);

    /** Lets go of the store; a second call does nothing. */
    @Override
    void close();
}
