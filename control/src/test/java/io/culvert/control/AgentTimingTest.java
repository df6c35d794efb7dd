package io.culvert.control;

import static io.culvert.control.World.TESTER;
import static io.culvert.control.World.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.gateway.Admission;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether the time that the refusal of an agent takes tells which tunnels there are: by 10,000 tries each, see {@link TimedPairs}. */
class AgentTimingTest {
    private static final byte[] NONE = {};
    /**
     * What a tunnel that is in a processor's cache, or not, makes of ten microseconds. From outside there are a TCP and a TLS handshake in front of each
     * try, whose time varies by tens of microseconds: 10,000 tries of those see {@code 5 * 10 us / sqrt(5000)} = 700 ns.
     */
    private static final Duration BLIND = Duration.ofNanos(200);

    private static final int TOKENS = 10;
    private static final int CREDENTIALS = 10;

    @TempDir
    Path data;

    private World world;
    private final byte[] wrong = new byte[32];

    /** One tunnel with enough tokens and credentials that looking through them would be seen. */
    @BeforeEach
    void open() {
        world = new World(data);
        world.create(Duration.ZERO, 0);
        for (int i = 0; i < TOKENS; i++) {
            NewJoinToken token = get(world.service.createJoinToken(TESTER, 1, Optional.empty(), OptionalInt.empty()));
            for (int j = 0; j < CREDENTIALS; j++) {
                byte[] credential = new byte[32];
                credential[0] = (byte) i;
                credential[1] = (byte) j;
                Admission unused = get(Objects.requireNonNull(world.plane.door)
                        .admit(1, SocketDataPlane.secretOf(token.join()), credential));
            }
        }
        Arrays.fill(wrong, (byte) 0xff);
    }

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void aTunnelThatIsNotThereTakesAsLongAsAWrongJoinTokenForOneThatIs() {
        new TimedPairs(() -> knock(1, wrong, NONE), () -> knock(2, wrong, NONE), BLIND)
                .assertAlike("whether there is such a tunnel");
    }

    @Test
    void aTunnelThatIsNotThereTakesAsLongAsAWrongCredentialForOneThatIs() {
        new TimedPairs(() -> knock(1, NONE, wrong), () -> knock(2, NONE, wrong), BLIND)
                .assertAlike("whether there is such a tunnel");
    }

    @Test
    void aTunnelThatIsNotThereTakesAsLongAsAWrongRenewalForOneThatIs() {
        new TimedPairs(() -> renew(1), () -> renew(2), BLIND).assertAlike("whether there is such a tunnel");
    }

    private long renew(long tunnel) {
        return took(() -> Objects.requireNonNull(world.plane.door).renew(tunnel, wrong, wrong));
    }

    private long knock(long tunnel, byte[] secret, byte[] credential) {
        return took(() -> Objects.requireNonNull(world.plane.door).admit(tunnel, secret, credential));
    }

    private static long took(Supplier<CompletionStage<Admission>> question) {
        long begin = System.nanoTime();
        Admission answer = get(question.get());
        long took = System.nanoTime() - begin;
        assertThat(answer).isInstanceOf(Admission.Refused.class);
        return took;
    }
}
