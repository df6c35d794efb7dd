package io.culvert.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.culvert.client.CulvertApiException;
import io.culvert.client.seed.CreatedTunnel;
import io.culvert.client.seed.NewTunnel;
import io.culvert.client.seed.SeedClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A server that may open few files. */
class DescriptorsIT {
    /** Some 90 are open when it is ready, on two processors: each loop has three of its own. */
    private static final int LIMIT = 160;

    private static final Duration LONG = Duration.ofMinutes(10);

    @RegisterExtension
    final World world = new World();

    @Test
    void whereNoSocketIsLeftACreateIsRefusedForThatReasonAndTheServerGoesOn() throws IOException {
        RunningServer server = server();
        SeedClient client = server.client();
        List<CreatedTunnel> created = new ArrayList<>();
        CulvertApiException refusal = catchThrowableOfType(CulvertApiException.class, () -> {
            for (int i = 0; i < LIMIT; i++) {
                created.add(client.create(NewTunnel.to(9, LONG)));
            }
        });
        assertThat(refusal.status()).isEqualTo(503);
        assertThat(refusal.detail())
                .contains("no socket", "the last of " + LIMIT + " file descriptors", "limit of open files");
        assertThat(client.list()).as("those that were answered").hasSameSizeAs(created);

        client.remove(created.remove(0).tunnel().id());
        created.add(client.create(NewTunnel.to(9, LONG)));
        assertThat(client.list()).hasSameSizeAs(created);
        assertThat(server.program().err()).contains("the last of " + LIMIT).doesNotContain(" ERROR ");
    }

    private RunningServer server() {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "ulimit -n " + LIMIT + " && exec \"$0\" \"$@\""));
        command.addAll(world.command(world.serverWords("--http=127.0.0.1:0").toArray(String[]::new)));
        Program program = world.program("server", Map.of("JDK_JAVA_OPTIONS", "-XX:ActiveProcessorCount=2"), command);
        return RunningServer.of(
                program, world.directory().resolve("data"), program.awaitLine(RunningServer::isReadyLine));
    }
}
