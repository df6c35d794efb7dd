package io.culvert.control;

import io.culvert.gateway.Cidr;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** What a name, labels, a lease and policies must be like. No state, any thread. */
final class TermRules {
    static final Duration LONGEST = Duration.ofDays(3_650);
    static final Duration LONGEST_DRAIN = Duration.ofDays(1);

    private static final int MAX_NAME = 100;
    private static final int MAX_LABELS = 32;
    private static final int MAX_LABEL = 200;
    private static final int MAX_WARNINGS = 8;
    private static final int MAX_BLOCKS = 1_000;
    private static final Pattern LABEL_KEY = Pattern.compile("[a-zA-Z0-9._/-]{1,63}");

    private TermRules() {}

    private static FieldPath lease(String name) {
        return FieldPath.of("lease", name);
    }

    private static FieldPath policy(String name) {
        return FieldPath.of("policies", name);
    }

    static void checkName(String name) {
        if (name.isBlank() || name.length() > MAX_NAME) {
            throw new InvalidRequestException(
                    "name",
                    name.length() > MAX_NAME ? name.length() + " characters" : name,
                    "1 to " + MAX_NAME + " characters, not only blanks");
        }
        checkText(FieldPath.of("name"), name);
    }

    static void checkLabels(Map<String, String> labels) {
        if (labels.size() > MAX_LABELS) {
            throw new InvalidRequestException("labels", labels.size() + " entries", "at most " + MAX_LABELS);
        }
        labels.forEach((key, value) -> {
            if (!LABEL_KEY.matcher(key).matches()) {
                throw new InvalidRequestException(
                        "labels",
                        CreateRules.masked(key.length() > 63 ? key.length() + " characters" : key),
                        "keys of 1 to 63 of a-z A-Z 0-9 . _ - /");
            }
            FieldPath field = FieldPath.of("labels", key);
            if (value.length() > MAX_LABEL) {
                throw new InvalidRequestException(
                        field, value.length() + " characters", "at most " + MAX_LABEL + " characters");
            }
            checkText(field, value);
        });
    }

    static void checkLease(LeaseTerms terms, Instant now) {
        if (terms.ttl().compareTo(LONGEST) > 0) {
            throw new InvalidRequestException(
                    lease("ttl_seconds"),
                    String.valueOf(terms.ttl().toSeconds()),
                    "at most " + LONGEST.toSeconds() + " seconds; zero or less never expires");
        }
        checkDuration(lease("grace_seconds"), terms.grace(), LONGEST);
        checkDuration(lease("on_expiry").then("drain_seconds"), terms.drain(), LONGEST_DRAIN);
        if (terms.maxLifetime().isPresent()) {
            Duration longest = terms.maxLifetime().get();
            checkDuration(lease("max_lifetime_seconds"), longest, LONGEST);
            if (longest.isZero()) {
                throw new InvalidRequestException(lease("max_lifetime_seconds"), "0", "more than zero; empty for none");
            }
        }
        terms.expiresAt().filter(at -> !at.isAfter(now)).ifPresent(at -> {
            throw new InvalidRequestException(lease("expires_at"), at.toString(), "a moment to come");
        });
        List<Duration> warnings = terms.warnings();
        if (warnings.size() > MAX_WARNINGS) {
            throw new InvalidRequestException(
                    lease("warn_before_seconds"), warnings.size() + " entries", "at most " + MAX_WARNINGS);
        }
        for (int i = 0; i < warnings.size(); i++) {
            checkDuration(lease("warn_before_seconds").at(i), warnings.get(i), LONGEST);
        }
        checkTogether(terms);
    }

    /** Terms that would never come to bear: whoever asks for them means something else. */
    private static void checkTogether(LeaseTerms terms) {
        boolean deadline = terms.ttl().compareTo(Duration.ZERO) > 0;
        if (!deadline && !terms.grace().isZero()) {
            throw new InvalidRequestException(
                    lease("grace_seconds"),
                    String.valueOf(terms.grace().toSeconds()),
                    "0 where the lease has no time to live: there is no deadline that it follows");
        }
        if (!deadline && terms.renewBy() == LeaseTerms.RenewBy.SESSION) {
            throw new InvalidRequestException(
                    lease("renew_by"), "session", "a time to live of more than zero: sessions renew nothing else");
        }
        boolean hardEnd = terms.maxLifetime().isPresent() || terms.expiresAt().isPresent();
        for (int i = 0; i < terms.warnings().size(); i++) {
            Duration warning = terms.warnings().get(i);
            // A hard end has its warnings too, however far ahead it is.
            if (!hardEnd && warning.compareTo(terms.ttl().plus(terms.grace())) >= 0) {
                throw new InvalidRequestException(
                        lease("warn_before_seconds").at(i),
                        String.valueOf(warning.toSeconds()),
                        deadline
                                ? "less than the time to live and the grace together"
                                : "no warning where nothing ends");
            }
        }
    }

    static void checkPolicies(Policies policies) {
        checkBlocks(policy("visitors").then("allow"), policies.allow());
        checkBlocks(policy("visitors").then("deny"), policies.deny());
        atLeastZero(policy("connections").then("most"), policies.connections());
        atLeastZero(policy("connections").then("most_per_address"), policies.connectionsPerAddress());
        atLeastZero(policy("connections").then("new_per_second"), policies.newPerSecond());
        atLeastZero(policy("bytes_per_second").then("in"), policies.bytesPerSecondIn());
        atLeastZero(policy("bytes_per_second").then("out"), policies.bytesPerSecondOut());
        atLeastZero(policy("bytes_per_second").then("connection_in"), policies.connectionBytesPerSecondIn());
        atLeastZero(policy("bytes_per_second").then("connection_out"), policies.connectionBytesPerSecondOut());
        atLeastZero(policy("volume_bytes"), policies.volume());
        checkDuration(policy("idle_seconds"), policies.idle(), LONGEST);
        checkDuration(policy("longest_seconds"), policies.longest(), LONGEST);
    }

    static void checkDrain(Duration drain) {
        checkDuration(FieldPath.of("drain_seconds"), drain, LONGEST_DRAIN);
    }

    /** No control characters, which a terminal would obey, and nothing that has no form in UTF-8. */
    static void checkText(FieldPath field, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c)) {
                throw new InvalidRequestException(field, "U+%04X at %d".formatted((int) c, i), "no control characters");
            }
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw new InvalidRequestException(field, "U+%04X at %d".formatted((int) c, i), "whole characters");
            }
        }
    }

    static void checkBlocks(FieldPath field, List<String> blocks) {
        if (blocks.size() > MAX_BLOCKS) {
            throw new InvalidRequestException(field, blocks.size() + " entries", "at most " + MAX_BLOCKS);
        }
        for (int i = 0; i < blocks.size(); i++) {
            String text = blocks.get(i);
            Cidr block;
            try {
                block = Cidr.parse(text);
            } catch (IllegalArgumentException e) {
                throw new InvalidRequestException(
                        field.at(i),
                        text.length() > 100 ? text.length() + " characters" : CreateRules.masked(text),
                        "an address or a block of them, for instance 192.0.2.0/24 or 2001:db8::/32");
            }
            if (!block.isWritten(text)) {
                throw new InvalidRequestException(field.at(i), text, "the first address of its block: " + block);
            }
        }
    }

    private static void checkDuration(FieldPath field, Duration value, Duration most) {
        if (value.isNegative() || value.compareTo(most) > 0) {
            throw new InvalidRequestException(
                    field, String.valueOf(value.toSeconds()), "0 to " + most.toSeconds() + " seconds");
        }
    }

    private static void atLeastZero(FieldPath field, long value) {
        if (value < 0) {
            throw new InvalidRequestException(field, String.valueOf(value), "at least 0; 0 for no bound");
        }
    }
}
