package io.culvert.control.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class Argon2Test {
    private final Argon2 argon = new Argon2(AccessWorld.CHEAP, new Secrets(new SecureRandom()));

    /** From the tests of the reference implementation: 64 MiB, two passes. */
    @Test
    void hashesAreThoseOfTheReference() {
        Optional<String> reference = Optional.of(
                "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ" + "$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc");
        assertThat(argon.matches("password", reference)).isTrue();
        assertThat(argon.matches("Password", reference)).isFalse();
    }

    @Test
    void aHashKnowsItsPasswordAndItsCost() {
        String hash = argon.hash("a long enough one");
        assertThat(hash).startsWith("$argon2id$v=19$m=16,t=1,p=1$").hasSizeLessThan(200);
        assertThat(argon.matches("a long enough one", Optional.of(hash))).isTrue();
        assertThat(argon.matches("a long enough ONE", Optional.of(hash))).isFalse();
        assertThat(argon.hash("a long enough one")).as("salted").isNotEqualTo(hash);
        assertThat(argon.outdated(hash)).isFalse();
        Argon2 dearer = new Argon2(new Argon2Cost(24, 1, 1), new Secrets(new SecureRandom()));
        assertThat(dearer.outdated(hash)).isTrue();
        assertThat(dearer.matches("a long enough one", Optional.of(hash))).isTrue();
    }

    @Test
    void whatWeMadeIsHashedAtTheLeastCostForGood() {
        String hash = argon.hashMade("2222-3333-4444-5555-6666-7777");
        assertThat(hash).startsWith("$argon2id$v=19$m=8,t=1,p=1$");
        assertThat(argon.matches("2222-3333-4444-5555-6666-7777", Optional.of(hash)))
                .isTrue();
        assertThat(argon.matches("2222-3333-4444-5555-6666-7778", Optional.of(hash)))
                .isFalse();
        assertThat(argon.outdated(hash)).isFalse();
    }

    @Test
    void whateverIsNoHashMatchesNothing() {
        assertThat(argon.matches("", Optional.empty())).isFalse();
        assertThat(argon.matches("", Optional.of(""))).isFalse();
        assertThat(argon.matches("x", Optional.of("plain x"))).isFalse();
        assertThat(argon.matches("x", Optional.of(argon.hash("x").replace("argon2id", "argon2i"))))
                .isFalse();
        assertThat(argon.matches(
                        "x",
                        Optional.of("$argon2id$v=19$m=9999999,t=999,p=99$c29tZXNhbHQ"
                                + "$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")))
                .as("a cost that would stop the server")
                .isFalse();
        String empty = argon.hash("");
        assertThat(argon.matches("x".repeat(Argon2.MOST_CHARACTERS + 1), Optional.of(empty)))
                .isFalse();
    }

    @Test
    void theSameLettersFromAnotherKeyboardAreTheSamePassword() {
        String hash = argon.hash("Stra\u00dfenb\u00e4ume");
        assertThat(argon.matches("Stra\u00dfenba\u0308ume", Optional.of(hash))).isTrue();
    }
}
