package io.culvert.gateway;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Who decides whether an agent may come in. Called on a gateway loop: must not wait; the answer may come from any thread. */
public interface AgentDoor {
    /**
     * Says whether an agent that shows this secret may serve this tunnel.
     *
     * @param tunnelId as the agent claims it
     * @param secret the join token's secret, 16 to 64 bytes; anything else was refused before
     */
    CompletionStage<Admission> admit(long tunnelId, byte[] secret);

    /**
     * Says whether a stock agent that shows this certificate may serve this tunnel. The data plane has checked that the server's CA signed
     * it and that its dates hold. A door that does not know certificates takes none.
     *
     * @param tunnelId whose bridge port it came to, or as its key claims
     * @param fingerprint SHA-256 of the certificate (DER), 32 bytes
     */
    default CompletionStage<Admission> admitCertificate(long tunnelId, byte[] fingerprint) {
        return CompletableFuture.completedStage(new Admission.Refused(false, "no certificates are taken here"));
    }
}
