package io.culvert.control.access;

import static io.culvert.control.access.AccessWorld.address;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.control.HandClock;
import io.culvert.control.ThrottledException;
import io.culvert.control.access.Throttle.Kind;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ThrottleTest {
    private static final InetAddress OFFICE = address("192.0.2.1");
    private static final InetAddress HOTEL = address("198.51.100.7");

    private final HandClock clock = new HandClock();
    private final List<String> told = new ArrayList<>();
    private final Throttle throttle = new Throttle(
            clock,
            (user, place, kind, failures, wait) -> told.add(user.orElse("-") + " "
                    + place.map(Place::text).orElse("-") + " " + kind + " " + failures + " " + wait));

    @Test
    void typosAreFreeAndGuessesTakeLongerAndLonger() {
        long[] expected = {0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900};
        for (long seconds : expected) {
            throttle.check("admin", OFFICE);
            throttle.failed("admin", OFFICE);
            assertThat(waits("admin", OFFICE)).isEqualTo(seconds);
            clock.move(Duration.ofSeconds(seconds));
        }
        // Told where waiting is a minute for the first time, and where it is as long as it gets.
        assertThat(told).containsExactly("admin 192.0.2.1 PASSWORD 11 PT1M4S", "admin 192.0.2.1 PASSWORD 15 PT15M");
    }

    @Test
    void itIsAllForgottenAfterAnHourOrARightPassword() {
        fail("anna", OFFICE, 7);
        clock.move(Duration.ofSeconds(4));
        throttle.check("anna", OFFICE);
        throttle.succeeded("anna", OFFICE);
        throttle.failed("anna", OFFICE);
        assertThat(waits("anna", OFFICE)).isZero();
        fail("ben", HOTEL, 9);
        clock.move(Throttle.MEMORY.plusSeconds(20));
        throttle.failed("ben", HOTEL);
        assertThat(waits("ben", HOTEL)).isZero();
    }

    @Test
    void oneAddressCannotTryManyAccounts() {
        for (int i = 0; i < Throttle.FREE_OF_ADDRESS; i++) {
            throttle.check("user-" + i, HOTEL);
            throttle.failed("user-" + i, HOTEL);
        }
        assertThat(waits("another", HOTEL)).isEqualTo(1);
        assertThat(waits("another", OFFICE)).isZero();
    }

    @Test
    void theAdminCannotBeLockedOutFromElsewhere() {
        throttle.succeeded("admin", OFFICE);
        // A thousand addresses, for a day.
        for (int i = 0; i < 20_000; i++) {
            throttle.failed("admin", address("10.0." + i / 250 % 4 + "." + i % 250));
            clock.move(Duration.ofSeconds(4));
        }
        assertThat(waits("admin", OFFICE)).as("where the admin is").isZero();
        throttle.check("admin", OFFICE);
        throttle.failed("admin", OFFICE);
        throttle.check("admin", OFFICE);
        // From a hotel it takes half a minute, and however many others try meanwhile, its turn comes.
        assertThat(waits("admin", HOTEL)).isEqualTo(30);
        for (int i = 0; i < 30; i++) {
            throttle.failed("admin", address("10.1.0." + i));
            clock.move(Duration.ofSeconds(1));
        }
        throttle.check("admin", HOTEL);
        throttle.succeeded("admin", HOTEL);
        assertThat(waits("admin", HOTEL)).isZero();
    }

    @Test
    void aNeighbourBehindTheSameAddressLocksNobodyOutWhoCameInFromThere() {
        throttle.succeeded("anna", OFFICE);
        for (int i = 0; i < 100; i++) {
            throttle.failed("user-" + i, OFFICE);
        }
        assertThat(waits("anna", OFFICE)).isZero();
        assertThat(waits("ben", OFFICE)).isPositive();
    }

    @Test
    void manyAddressesSlowAnAccountDownForStrangersOnly() {
        for (int i = 0; i < Throttle.FREE_OF_ACCOUNT; i++) {
            InetAddress stranger = address("10.0.0." + i);
            throttle.check("admin", stranger);
            throttle.failed("admin", stranger);
        }
        assertThat(told).containsExactly("admin - PASSWORD 50 PT30S");
        // Each try of each stranger takes half a minute from now on.
        InetAddress stranger = address("10.0.1.1");
        assertThat(waits("admin", stranger)).isEqualTo(30);
        clock.move(Duration.ofSeconds(30));
        throttle.check("admin", stranger);
        throttle.failed("admin", stranger);
        assertThat(waits("admin", stranger)).isEqualTo(30);
        assertThat(waits("anna", address("10.0.1.2"))).isZero();
    }

    @Test
    void anIpv6NetworkIsOneAddress() {
        for (int i = 0; i < 5; i++) {
            throttle.failed("admin", address("2001:db8:1:2:" + i + "::" + i));
        }
        assertThat(waits("admin", address("2001:db8:1:2:ffff:ffff:ffff:ffff"))).isEqualTo(1);
        assertThat(waits("admin", address("2001:db8:1:3::1"))).isZero();
        assertThat(Place.of(address("fe80::1%0")).text()).isEqualTo("fe80:0:0:0:0:0:0:0/64");
    }

    @Test
    void kindsAreCountedApart() {
        for (int i = 1; i < Throttle.FREE_OF_ADDRESS; i++) {
            assertThat(throttle.failed(Kind.TOKEN, OFFICE)).isEmpty();
        }
        assertThat(throttle.failed(Kind.TOKEN, OFFICE)).contains(Duration.ofSeconds(1));
        assertThat(throttle.failed(Kind.TOKEN, OFFICE)).contains(Duration.ofSeconds(2));
        assertThat(throttle.failed(Kind.KEY, OFFICE)).isEmpty();
        assertThat(throttle.left(Kind.TOKEN, OFFICE)).isEqualTo(Duration.ofSeconds(2));
        assertThat(throttle.left(Kind.KEY, OFFICE)).isZero();
        assertThat(waits("anna", OFFICE)).isZero();
    }

    @Test
    void memoryIsBoundedWhoeverTries() {
        throttle.succeeded("admin", OFFICE);
        for (int i = 0; i < 200_000; i++) {
            throttle.failed("user-" + i, address("10." + i / 65_536 + "." + i / 256 % 256 + "." + i % 256));
        }
        assertThat(throttle.size()).isEqualTo(3 * Throttle.MOST);
        assertThat(waits("admin", OFFICE)).isZero();
    }

    @Test
    void whatWasKnownBeforeARestartIsKnownAgain() throws Exception {
        throttle.remember("admin", Place.ofText("192.0.2.1"));
        for (int i = 0; i < 100; i++) {
            throttle.failed("admin", address("10.0.0." + i));
        }
        assertThatCode(() -> throttle.check("admin", OFFICE)).doesNotThrowAnyException();
        assertThatThrownBy(() -> throttle.check("admin", HOTEL)).isInstanceOf(ThrottledException.class);
        assertThat(Optional.of(Place.ofText("2001:db8::1"))).contains(Place.of(address("2001:db8::2")));
    }

    private void fail(String user, InetAddress from, int times) {
        for (int i = 0; i < times; i++) {
            throttle.failed(user, from);
        }
    }

    /** In seconds; 0 where it is looked at. */
    private long waits(String user, InetAddress from) {
        try {
            throttle.check(user, from);
            return 0;
        } catch (ThrottledException e) {
            return e.retryAfterSeconds();
        }
    }
}
