package io.culvert.gateway.engine;

import io.culvert.link.net.Descriptors;
import io.culvert.link.net.Seldom;
import java.net.SocketAddress;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says that there are not enough file descriptors, once a minute at most of each kind: thousands of connections may be turned away for it in a second, and each listener
 * that cannot accept tries five times. One for all ports of tunnels; any thread.
 */
final class Scarcity {
    private static final Logger log = LoggerFactory.getLogger(Scarcity.class);
    private static final Duration PAUSE = Duration.ofMinutes(1);

    private final Descriptors files;
    private final Seldom visitors = new Seldom(PAUSE);
    private final Seldom agents = new Seldom(PAUSE);
    private final Seldom notAccepted = new Seldom(PAUSE);

    Scarcity(Descriptors files) {
        this.files = files;
    }

    /** What there is. */
    Descriptors files() {
        return files;
    }

    /** One was turned away so that agents and the API have the last of them; {@code now} as in {@link Seldom#isDue}. */
    void visitorTurnedAway(long now) {
        tell(visitors, "Visitors", now);
    }

    /** Likewise, so that the API has them. */
    void agentTurnedAway(long now) {
        tell(agents, "Agents, and who may be one,", now);
    }

    private void tell(Seldom turnedAway, String who, long now) {
        if (turnedAway.isDue(now)) {
            log.warn(
                    "{} are turned away: the last of {} file descriptors are kept for others (more of them: ulimit -n, or LimitNOFILE of systemd)",
                    who,
                    files.most());
        }
    }

    /** A port could not take a connection on; nearly always for want of a descriptor. */
    void notAccepted(SocketAddress port, Throwable why, long now) {
        if (notAccepted.isDue(now)) {
            log.warn("accept on {} failed, and perhaps on other ports: {}", port, why.toString());
        }
    }
}
