package io.culvert.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class AccessTest {
    @Test
    void letsInWhoeverShowsAKey() {
        Access access = Access.withKeys(List.of("first", " second ", ""));
        assertThat(access.isOpen()).isFalse();
        assertThat(access.authenticate("first")).contains(Caller.trusted("key-1"));
        assertThat(access.authenticate("second")).contains(Caller.trusted("key-2"));
    }

    @Test
    void letsNobodyElseIn() {
        Access access = Access.withKeys(List.of("first", "second", "  "));
        for (String key : new String[] {null, "", "  ", "firs", "firstt", "First", "first,second", "\u0000"}) {
            assertThat(access.authenticate(key)).as("key '%s'", key).isEmpty();
        }
    }

    /** Or another list of keys would make one out to be another in the audit. */
    @Test
    void theServersOwnKeyIsCalledTheSameHoweverManyOthersThereAre() {
        for (List<String> others : List.of(List.<String>of(), List.of("first"), List.of("first", "second"))) {
            Access access = Access.withKeys("own", others);
            assertThat(access.authenticate("own")).contains(Caller.trusted("admin-key"));
            for (int i = 0; i < others.size(); i++) {
                assertThat(access.authenticate(others.get(i))).contains(Caller.trusted("key-" + (i + 1)));
            }
            assertThat(access.authenticate("")).isEmpty();
        }
    }

    @Test
    void keysThatAreAllBlankDoNotOpenTheDoor() {
        assertThatThrownBy(() -> Access.withKeys(List.of("", " ")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("keys: none (expected: at least one that is not blank)");
    }

    @Test
    void openAdmitsEveryone() {
        assertThat(Access.open().isOpen()).isTrue();
        assertThat(Access.open().authenticate(null)).contains(Caller.trusted("open"));
        assertThat(Access.open().authenticate("whatever")).contains(Caller.trusted("open"));
    }

    @Test
    void nothingShowsAKey() {
        assertThat(SecretHash.of("hunter2").toString()).isEqualTo("SecretHash[MASKED]");
    }
}
