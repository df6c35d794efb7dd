package io.culvert.control.sql;

import java.nio.file.Path;
import javax.sql.DataSource;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;

class SqliteAccessStoreTest extends AccessStoreContract {
    @TempDir
    Path scratch;

    @Override
    SqlTunnelStore open() {
        return SqlTunnelStore.open(scratch);
    }

    @Override
    DataSource database() {
        SQLiteDataSource source = new SQLiteDataSource();
        source.setUrl("jdbc:sqlite:" + scratch.resolve("culvert.db"));
        return source;
    }
}
