package io.culvert.app.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.app.process.Humane;
import io.culvert.app.process.Terminal;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rows as a person reads them, in whatever script. */
class TableTest {
    @Test
    void columnsStandUnderEachOther() {
        Table table = new Table("NAME", ">BYTES", "TEXT").row("网络", 5, "x").row("b", 1234, "");
        assertThat(table.lines(Terminal.NONE)).containsExactly("NAME  BYTES  TEXT", "网络      5  x", "b      1234");
    }

    @Test
    void theLastColumnGivesWayToTheTerminal() {
        Table table = new Table("STATE", "REASON").row("up", "agent 网络网络网络网络 is connected since long");
        List<String> lines = table.lines(new Terminal(true, 24, false));
        assertThat(lines).allSatisfy(line -> assertThat(Humane.columns(line)).isLessThanOrEqualTo(24));
        assertThat(lines.get(1)).isEqualTo("up     agent 网络网络网…");
    }

    @Test
    void statesAreColouredWhereThatIsWanted() {
        Table table = new Table("ID", "STATE", "REASON").row("1", "up", "up and well");
        assertThat(table.lines(new Terminal(true, 80, true)))
                .containsExactly("\u001b[1mID  STATE  REASON\u001b[0m", "1   \u001b[32mup\u001b[0m     up and well");
        assertThat(table.lines(new Terminal(true, 80, false)))
                .containsExactly("ID  STATE  REASON", "1   up     up and well");
    }
}
