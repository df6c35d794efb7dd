package io.culvert.control;

import io.culvert.gateway.Admission;
import io.culvert.gateway.AgentDoor;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets agents in that show the secret or the certificate of a living tunnel: asks the control thread. Any thread. */
final class Doorkeeper implements AgentDoor {
    private static final Logger log = LoggerFactory.getLogger(Doorkeeper.class);

    /** Half of what an agent has for its hello: so it hears the answer. */
    static final Duration LONGEST = Duration.ofSeconds(5);

    private final ControlLoop loop;
    private final AgentKeeper agents;
    private final TokenKeeper tokens;
    private final Function<InetAddress, Optional<Duration>> guesses;

    /** @param guesses told of each address that showed an unknown secret; says how long it has to wait for the answer, if at all */
    Doorkeeper(
            ControlLoop loop,
            AgentKeeper agents,
            TokenKeeper tokens,
            Function<InetAddress, Optional<Duration>> guesses) {
        this.loop = loop;
        this.agents = agents;
        this.tokens = tokens;
        this.guesses = guesses;
    }

    @Override
    public CompletionStage<Admission> admit(long tunnelId, byte[] secret) {
        return admit(tunnelId, secret, new byte[0]);
    }

    @Override
    public CompletionStage<Admission> admit(long tunnelId, byte[] secret, byte[] credential) {
        // Hashed here: no secret waits in a queue.
        SecretHash token = secret.length == 0 ? null : SecretHash.of(secret);
        SecretHash shown = credential.length == 0 ? null : SecretHash.of(credential);
        // Only an exchange waits for the disk: agents that come back in their thousands do not.
        CompletionStage<Admission> admission = loop.quick(() -> tokens.judge(tunnelId, token, shown))
                .thenCompose(judged -> judged.map(CompletableFuture::completedStage)
                        .orElseGet(() -> loop.change(() -> tokens.exchange(
                                tunnelId, Objects.requireNonNull(token), Objects.requireNonNull(shown)))));
        return orLater(tunnelId, admission);
    }

    @Override
    public CompletionStage<Admission> admit(InetAddress from, long tunnelId, byte[] secret, byte[] credential) {
        return unlessGuessed(from, admit(tunnelId, secret, credential));
    }

    @Override
    public CompletionStage<Admission> renew(InetAddress from, long tunnelId, byte[] credential, byte[] next) {
        return unlessGuessed(from, renew(tunnelId, credential, next));
    }

    /**
     * Whoever goes on guessing waits for each answer. A right secret never does: nobody guesses 256 bits, and a neighbour behind the same address
     * must shut nobody out.
     */
    private CompletionStage<Admission> unlessGuessed(InetAddress from, CompletionStage<Admission> answer) {
        return answer.thenCompose(admission -> {
            if (!TokenKeeper.isGuess(admission)) {
                return CompletableFuture.completedStage(admission);
            }
            Duration wait = guesses.apply(from).orElse(Duration.ZERO);
            Duration bounded = wait.compareTo(LONGEST) < 0 ? wait : LONGEST;
            return bounded.isZero()
                    ? CompletableFuture.completedStage(admission)
                    : new CompletableFuture<Admission>()
                            .completeOnTimeout(admission, bounded.toMillis(), TimeUnit.MILLISECONDS);
        });
    }

    @Override
    public CompletionStage<Admission> renew(long tunnelId, byte[] credential, byte[] next) {
        SecretHash shown = SecretHash.of(credential);
        SecretHash wanted = SecretHash.of(next);
        CompletionStage<Admission> admission = loop.quick(() -> tokens.judgeRenewal(tunnelId, shown, wanted))
                .thenCompose(judged -> judged.map(CompletableFuture::completedStage)
                        .orElseGet(() -> loop.change(() -> tokens.renew(tunnelId, shown, wanted))));
        return orLater(tunnelId, admission);
    }

    @Override
    public CompletionStage<Admission> admitCertificate(long tunnelId, byte[] fingerprint) {
        SecretHash shown = SecretHash.ofStored(fingerprint);
        return orLater(tunnelId, loop.quick(() -> agents.admitCertificate(tunnelId, shown)));
    }

    private static CompletionStage<Admission> orLater(long tunnelId, CompletionStage<Admission> answer) {
        return answer.exceptionally(failure -> {
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            if (!(cause instanceof StoreUnavailableException)) {
                log.error("An agent of tunnel {} could not be checked", tunnelId, cause);
            }
            return new Admission.Refused(true, "the server cannot answer at the moment; try again");
        });
    }
}
