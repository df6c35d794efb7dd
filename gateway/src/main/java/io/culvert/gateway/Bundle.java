package io.culvert.gateway;

import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;

/**
 * The files that a stock goproxy agent needs for one tunnel. Immutable, any thread.
 *
 * @param certificates for {@code -C}: PEM, the agent's own certificate first, then what it shall trust
 * @param key for {@code -K}: PEM; a secret
 * @param fingerprint SHA-256 of the agent's own certificate (DER), 32 bytes: what tells it from every other
 * @param renewAt from when on a newer bundle should be given out: less than a third of the certificate's life is left then. Equal to
 *     {@code endsAt} where no newer one would live longer
 * @param endsAt when the certificate's dates are over; nobody gets in by it from then on
 */
// equals and hashCode below look at the content.
@SuppressWarnings("ArrayRecordComponent")
public record Bundle(String certificates, String key, byte[] fingerprint, Instant renewAt, Instant endsAt) {
    public Bundle {
        fingerprint = fingerprint.clone();
    }

    @Override
    public byte[] fingerprint() {
        return fingerprint.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bundle that
                && certificates.equals(that.certificates)
                && key.equals(that.key)
                && Arrays.equals(fingerprint, that.fingerprint)
                && renewAt.equals(that.renewAt)
                && endsAt.equals(that.endsAt);
    }

    @Override
    public int hashCode() {
        return Objects.hash(certificates, Arrays.hashCode(fingerprint));
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "Bundle[key=MASKED]";
    }
}
