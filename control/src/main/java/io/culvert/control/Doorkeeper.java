package io.culvert.control;

import io.culvert.gateway.Admission;
import io.culvert.gateway.AgentDoor;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets agents in that show the secret or the certificate of a living tunnel: asks the control thread. Any thread. */
final class Doorkeeper implements AgentDoor {
    private static final Logger log = LoggerFactory.getLogger(Doorkeeper.class);

    private final ControlLoop loop;
    private final AgentKeeper agents;
    private final TokenKeeper tokens;

    Doorkeeper(ControlLoop loop, AgentKeeper agents, TokenKeeper tokens) {
        this.loop = loop;
        this.agents = agents;
        this.tokens = tokens;
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
