package io.culvert.gateway;

import java.net.InetAddress;
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
     * Says the same of an agent that shows a session credential, or wants one for its join token. A door that knows none looks at the
     * secret alone.
     *
     * @param secret as in {@link #admit(long, byte[])}; empty where the agent shows its credential alone
     * @param credential 32 bytes, or empty for none
     */
    default CompletionStage<Admission> admit(long tunnelId, byte[] secret, byte[] credential) {
        return admit(tunnelId, secret);
    }

    /**
     * Says the same of an agent that comes from there. A door that counts what is wrong may take its time with the answer.
     *
     * @param from the address that wrong secrets are counted for
     */
    default CompletionStage<Admission> admit(InetAddress from, long tunnelId, byte[] secret, byte[] credential) {
        return admit(tunnelId, secret, credential);
    }

    /**
     * Puts another session credential in the place of one; {@link Admission.Admitted} says when to do so again. Sessions stay as they are.
     *
     * @param credential what the agent has, 32 bytes
     * @param next what it is to have, 32 bytes
     */
    default CompletionStage<Admission> renew(long tunnelId, byte[] credential, byte[] next) {
        return CompletableFuture.completedStage(new Admission.Refused(false, "no credentials are taken here"));
    }

    /** The same for an agent that comes from there, likewise. */
    default CompletionStage<Admission> renew(InetAddress from, long tunnelId, byte[] credential, byte[] next) {
        return renew(tunnelId, credential, next);
    }

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
