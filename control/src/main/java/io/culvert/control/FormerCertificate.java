package io.culvert.control;

import java.time.Instant;

/**
 * A certificate that stock agents may go on to show although their tunnel's bundle holds a newer one. Immutable, any thread.
 *
 * @param fingerprint SHA-256 of the certificate
 * @param endsAt when its dates are over
 */
public record FormerCertificate(SecretHash fingerprint, Instant endsAt) {}
