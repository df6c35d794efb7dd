package io.culvert.control.sql;

import static org.assertj.core.api.Assertions.assertThat;

import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.sqlite.SQLiteDataSource;

class StatementsTest {
    private final Jdbi jdbi = Statements.on(new SQLiteDataSource()::getConnection);

    @Test
    void aParameterHasANameAndStandsWhereverItIsNamed() {
        String said =
                jdbi.withHandle(handle -> handle.createQuery("SELECT :one || ' :one ? ' || :two_2 || '''' || :one")
                        .bind("one", "1")
                        .bind("two_2", "2")
                        .mapTo(String.class)
                        .one());
        assertThat(said).isEqualTo("1 :one ? 2'1");
    }

    @Test
    void orAPlace() {
        String said = jdbi.withHandle(handle -> handle.createQuery("SELECT ? || '?' || ?")
                .bind(0, "a")
                .bind(1, "b")
                .mapTo(String.class)
                .one());
        assertThat(said).isEqualTo("a?b");
    }
}
