package io.culvert.control;

import io.culvert.gateway.Bundle;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a stock goproxy agent needs to serve one tunnel. Immutable, any thread.
 *
 * @param certificates for {@code -C}: PEM, the agent's own certificate first, then what it shall trust
 * @param key for {@code -K}: PEM; a secret
 * @param fingerprint SHA-256 of the agent's own certificate: by it the agent is known
 * @param renewAt from when on whoever asks for the bundle is given a newer one
 * @param endsAt when the agent's own certificate is good no more
 * @param former those that it renewed and that are good beside it, each until its end
 */
public record TunnelBundle(
        String certificates,
        String key,
        SecretHash fingerprint,
        Instant renewAt,
        Instant endsAt,
        List<FormerCertificate> former) {
    public TunnelBundle {
        former = List.copyOf(former);
    }

    /** What the data plane issued, beside nothing. */
    static TunnelBundle of(Bundle issued) {
        return new TunnelBundle(
                issued.certificates(),
                issued.key(),
                SecretHash.ofStored(issued.fingerprint()),
                issued.renewAt(),
                issued.endsAt(),
                List.of());
    }

    /** The same, while what the older one admits stays good beside it until its end. */
    TunnelBundle renewing(TunnelBundle older, Instant now) {
        List<FormerCertificate> stillGood = Stream.concat(
                        older.former.stream(), Stream.of(new FormerCertificate(older.fingerprint, older.endsAt)))
                .filter(each -> now.isBefore(each.endsAt()))
                .toList();
        return new TunnelBundle(certificates, key, fingerprint, renewAt, endsAt, stillGood);
    }

    /** Whether an agent that shows this certificate is the tunnel's. */
    boolean admits(SecretHash shown, Instant now) {
        return (fingerprint.matches(shown) && now.isBefore(endsAt))
                || former.stream().anyMatch(each -> each.fingerprint().matches(shown) && now.isBefore(each.endsAt()));
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "TunnelBundle[key=MASKED]";
    }
}
