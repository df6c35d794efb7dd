package io.culvert.control.access;

import io.culvert.control.SecretHash;
import io.culvert.control.hook.SecretBox;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks codes of second factors, each of which is good once. By what runs on {@code culvert-access} only. */
final class SecondFactors {
    static final int RECOVERY_CODES = 10;
    /** How long a new one waits to be confirmed. */
    static final Duration PATIENCE = Duration.ofMinutes(10);

    private static final Logger log = LoggerFactory.getLogger(SecondFactors.class);

    private final SecretBox box;
    private final Secrets secrets;
    /** By user. */
    private final Map<String, Pending> pending = new HashMap<>();

    /** @param secret in base32 */
    private record Pending(String secret, Instant until) {}

    SecondFactors(SecretBox box, Secrets secrets) {
        this.box = box;
        this.secrets = secrets;
    }

    /** One that is none yet; takes the place of another one that was not confirmed. */
    SecondFactor begin(String user, Instant now) {
        pending.values().removeIf(it -> !now.isBefore(it.until()));
        String text = Totp.base32(secrets.bytes(Totp.SECRET_BYTES));
        pending.put(user, new Pending(text, now.plus(PATIENCE)));
        return new SecondFactor(text, Totp.uri(user, text));
    }

    /** The user with the second factor that was begun, where the code is its; without recovery codes. */
    Optional<StoredUser> confirm(StoredUser user, String code, Instant now) {
        return Optional.ofNullable(pending.get(user.name()))
                .filter(it -> now.isBefore(it.until()))
                .flatMap(it -> {
                    OptionalLong step = Totp.match(Totp.bytes(it.secret()), code, now, 0);
                    if (step.isEmpty()) {
                        return Optional.empty();
                    }
                    pending.remove(user.name());
                    String sealed = box.seal(what(user), it.secret());
                    return Optional.of(user.withSecondFactor(Optional.of(sealed), step.getAsLong(), Set.of()));
                });
    }

    /** The user after this code or recovery code was used; empty where it is good for nothing, or not any more. */
    Optional<StoredUser> use(StoredUser user, String code, Instant now) {
        Optional<String> sealed = user.sealedTotp();
        if (sealed.isEmpty()) {
            return Optional.empty();
        }
        Optional<String> secret = box.open(what(user), sealed.get());
        if (secret.isEmpty()) {
            log.error("user {}: its second factor was sealed with another key; recovery codes still work", user.name());
        }
        OptionalLong step = secret.map(it -> Totp.match(Totp.bytes(it), code, now, user.totpStep()))
                .orElse(OptionalLong.empty());
        if (step.isPresent()) {
            return Optional.of(user.withSecondFactor(sealed, step.getAsLong(), user.recovery()));
        }
        SecretHash recovery = recoveryHash(code);
        if (!user.recovery().contains(recovery)) {
            return Optional.empty();
        }
        Set<SecretHash> left = new HashSet<>(user.recovery());
        left.remove(recovery);
        return Optional.of(user.withSecondFactor(sealed, user.totpStep(), left));
    }

    /** New recovery codes. */
    List<String> recoveryCodes() {
        return Stream.generate(secrets::recoveryCode).limit(RECOVERY_CODES).toList();
    }

    /** The user with these in place of what was left of the others. */
    StoredUser withRecoveryCodes(StoredUser user, List<String> codes) {
        Set<SecretHash> hashes = new HashSet<>();
        codes.forEach(code -> hashes.add(recoveryHash(code)));
        return user.withSecondFactor(user.sealedTotp(), user.totpStep(), hashes);
    }

    private static SecretHash recoveryHash(String code) {
        return SecretHash.of(code.toLowerCase(Locale.ROOT).replaceAll("[\\s-]", ""));
    }

    private static String what(StoredUser user) {
        return "totp:" + user.name();
    }
}
