package io.culvert.control.sql;

import io.culvert.control.StoreChanges;
import io.culvert.control.StoredTunnel;
import io.culvert.control.TunnelStore;
import java.nio.file.Path;
import java.util.List;

/** A store on SQLite. */
@SuppressWarnings("DoNotCallSuggester") // the bodies follow
public final class SqlTunnelStore implements TunnelStore {
    private SqlTunnelStore() {}

    /**
     * Opens {@code culvert.db} in the directory, and makes both where they are missing.
     *
     * @throws DataDirectoryException where another server uses the directory, or the database is not readable
     */
    public static SqlTunnelStore open(Path dataDirectory) {
        throw new UnsupportedOperationException(dataDirectory.toString());
    }

    @Override
    public long nextId() {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<StoredTunnel> load() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void insert(StoredTunnel tunnel) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void apply(StoreChanges changes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
