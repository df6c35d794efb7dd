package io.culvert.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CreateRulesTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @Test
    void takesWhatIsAtTheEdge() {
        accepts(request("", Duration.ZERO, expose(1, 0)));
        accepts(request("c".repeat(1_000), Duration.ofDays(3_650), expose(65_535, 65_535)));
        accepts(request("tab\tnewline\r\nümläut \uD83D\uDE80", Duration.ofSeconds(Long.MIN_VALUE), expose(22, 1)));
        accepts(new CreateTunnel(
                IntStream.rangeClosed(1, 64).mapToObj(i -> expose(22, i)).toList(), "", MINUTE));
        accepts(request("", MINUTE, expose(22, 0), expose(22, 0)));
        accepts(request("", MINUTE, new Expose("h".repeat(253), 22, 0)));
        accepts(request("", MINUTE, new Expose("fe80::1%eth0", 22, 0)));
    }

    @Test
    void namesFieldValueAndExpectation() {
        refuses(new CreateTunnel(List.of(), "", MINUTE), "exposes: '0 entries' (expected: 1 to 64 entries)");
        refuses(request("", MINUTE, expose(0, 0)), "exposes.0.target: '0' (expected: 1 to 65535)");
        refuses(request("", MINUTE, expose(65_536, 0)), "exposes.0.target: '65536' (expected: 1 to 65535)");
        refuses(request("", MINUTE, expose(22, -1)), "exposes.0.port: '-1' (expected: 0 to 65535)");
        refuses(request("", MINUTE, expose(22, 65_536)), "exposes.0.port: '65536' (expected: 0 to 65535)");
        refuses(
                request("", MINUTE, expose(22, 80), expose(23, 65_536)),
                "exposes.1.port: '65536' (expected: 0 to 65535)");
        refuses(
                request("", MINUTE, expose(22, 80), expose(23, 80)),
                "exposes.1.port: '80' (expected: each public port once)");
        refuses(
                new CreateTunnel(
                        IntStream.rangeClosed(1, 65)
                                .mapToObj(i -> expose(22, i))
                                .toList(),
                        "",
                        MINUTE),
                "exposes: '65 entries' (expected: 1 to 64 entries)");
        refuses(
                request("c".repeat(1_001), MINUTE, expose(22, 0)),
                "comment: '1001 characters' (expected: at most 1000 characters)");
        refuses(
                request("a\u001b[2J", MINUTE, expose(22, 0)),
                "comment: 'U+001B at 1' (expected: no control characters but tab and newline)");
        refuses(request("\uD83D", MINUTE, expose(22, 0)), "comment: 'U+D83D at 0' (expected: whole characters)");
        refuses(
                request("", Duration.ofDays(3_650).plusNanos(1), expose(22, 0)),
                "lease.ttl_seconds: '315360000' (expected: at most 315360000 seconds; zero or less never expires)");
        refuses(
                request("", MINUTE, new Expose("a\u0007b", 22, 0)),
                "exposes.0.target: 'a?b' (expected: a host of 1 to 253 characters without blanks)");
        refuses(
                request("", MINUTE, new Expose("a\uD83Db", 22, 0)),
                "exposes.0.target: 'a?b' (expected: a host of 1 to 253 characters without blanks)");
        refuses(
                request("", MINUTE, new Expose("h".repeat(254), 22, 0)),
                "exposes.0.target: '254 characters' (expected: a host of 1 to 253 characters without blanks)");
    }

    @Test
    void neverExpiringIsKeptAsItWasAskedForWithinReason() {
        assertThat(CreateRules.ttl(request("", Duration.ofSeconds(-7), expose(22, 0))))
                .hasSeconds(-7);
        assertThat(CreateRules.ttl(request("", Duration.ofSeconds(Long.MIN_VALUE), expose(22, 0))))
                .hasSeconds(-1);
    }

    private static void accepts(CreateTunnel request) {
        assertThatCode(() -> CreateRules.check(request, HandClock.START)).doesNotThrowAnyException();
    }

    private static void refuses(CreateTunnel request, String message) {
        assertThatThrownBy(() -> CreateRules.check(request, HandClock.START))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessage(message);
    }

    private static Expose expose(int targetPort, int port) {
        return new Expose("127.0.0.1", targetPort, port);
    }

    private static CreateTunnel request(String comment, Duration ttl, Expose... exposes) {
        return new CreateTunnel(Arrays.asList(exposes), comment, ttl);
    }

    @Test
    void anExposeIsBoundToThisMachine() {
        CreateTunnel own = bound("127.0.0.9");
        CreateRules.check(own, HandClock.START);
        CreateRules.check(bound("0.0.0.0"), HandClock.START);
        for (String foreign : List.of("8.8.8.8", "2001:db8::1")) {
            assertThatThrownBy(() -> CreateRules.check(bound(foreign), HandClock.START))
                    .isInstanceOf(InvalidRequestException.class)
                    .hasMessage("exposes.0.bind: '" + foreign + "' (expected: an address of this machine)");
        }
        assertThatThrownBy(() -> CreateRules.check(bound("localhost"), HandClock.START))
                .hasMessageContaining("a numeric address");
    }

    private static CreateTunnel bound(String address) {
        Expose expose = new Expose(Protocol.TCP, "127.0.0.1", 22, 0, Optional.empty(), Optional.of(address));
        return new CreateTunnel(List.of(expose), "", Duration.ofMinutes(1));
    }

    @Test
    void termsThatWouldNeverComeToBearAreRefused() {
        Duration none = Duration.ZERO;
        List<Duration> no = List.of();
        refusesTerms(terms(none, MINUTE, LeaseTerms.RenewBy.API, no), "lease.grace_seconds");
        refusesTerms(terms(none, none, LeaseTerms.RenewBy.SESSION, no), "lease.renew_by");
        refusesTerms(terms(MINUTE, none, LeaseTerms.RenewBy.API, List.of(MINUTE)), "lease.warn_before_seconds.0");
        refusesTerms(terms(none, none, LeaseTerms.RenewBy.API, List.of(MINUTE)), "lease.warn_before_seconds.0");
        TermRules.checkLease(terms(MINUTE, MINUTE, LeaseTerms.RenewBy.SESSION, List.of(MINUTE)), Instant.EPOCH);
    }

    @Test
    void aBlockIsWrittenByItsFirstAddress() {
        TermRules.checkBlocks(
                FieldPath.of("policies", "allow"), List.of("192.0.2.0/24", "192.0.2.7", "::/0", "2001:db8::/32"));
        assertThatThrownBy(() -> TermRules.checkBlocks(FieldPath.of("policies", "allow"), List.of("192.0.2.7/24")))
                .hasMessage(
                        "policies.allow.0: '192.0.2.7/24' (expected: the first address of its block: 192.0.2.0/24)");
    }

    private static void refusesTerms(LeaseTerms terms, String field) {
        assertThatThrownBy(() -> TermRules.checkLease(terms, Instant.EPOCH))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageStartingWith(field + ":");
    }

    private static LeaseTerms terms(Duration ttl, Duration grace, LeaseTerms.RenewBy by, List<Duration> warnings) {
        return new LeaseTerms(ttl, grace, Optional.empty(), Optional.empty(), Duration.ZERO, by, warnings);
    }
}
