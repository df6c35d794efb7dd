package io.culvert.control;

import io.culvert.gateway.Admission;
import io.culvert.gateway.AgentDoor;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets agents in that show the secret or the certificate of a living tunnel: asks the control thread. Any thread. */
final class Doorkeeper implements AgentDoor {
    private static final Logger log = LoggerFactory.getLogger(Doorkeeper.class);

    private final ControlLoop loop;
    private final AgentKeeper agents;

    Doorkeeper(ControlLoop loop, AgentKeeper agents) {
        this.loop = loop;
        this.agents = agents;
    }

    @Override
    public CompletionStage<Admission> admit(long tunnelId, byte[] secret) {
        // Hashed here: no secret waits in a queue.
        SecretHash hash = SecretHash.of(secret);
        return answer(tunnelId, () -> agents.admit(tunnelId, hash));
    }

    @Override
    public CompletionStage<Admission> admitCertificate(long tunnelId, byte[] fingerprint) {
        SecretHash shown = SecretHash.ofStored(fingerprint);
        return answer(tunnelId, () -> agents.admitCertificate(tunnelId, shown));
    }

    private CompletionStage<Admission> answer(long tunnelId, Supplier<Admission> question) {
        return loop.quick(question).exceptionally(failure -> {
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            if (!(cause instanceof StoreUnavailableException)) {
                log.error("An agent of tunnel {} could not be checked", tunnelId, cause);
            }
            return new Admission.Refused(true, "the server cannot answer at the moment; try again");
        });
    }
}
