package io.culvert.control;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * What a tunnel is, told from what is known of it: the first line that holds decides. No state, any thread.
 *
 * <pre>
 *   ended                          ENDED
 *   draining                       DRAINING
 *   lease ran out, in its grace    PAUSED
 *   paused by a caller             PAUSED
 *   the server drains              DRAINING
 *   a port is missing              DEGRADED
 *   no agent is connected          WAITING
 *   the project's month used up    DEGRADED
 *   volume used up                 DEGRADED
 *   a target cannot be reached     DEGRADED
 *   otherwise                      UP
 * </pre>
 */
final class StateRule {
    private StateRule() {}

    /**
     * What is known of a tunnel.
     *
     * @param ended why it ended
     * @param draining why it is ending
     * @param overdue since when its lease is overdue, and until when it can be renewed
     * @param pausedBy the caller who paused it
     * @param serverDrains true while the server lets no visitors in
     * @param missingPort what is wrong with its ports
     * @param sessions connected ones
     * @param agent the name of the last agent that came
     * @param left why the last agent is not there any more, or did not get in
     * @param month what its project may carry in a month, where that is used up
     * @param volume of its policies where that is used up
     * @param failingTargets why targets cannot be reached, in the order of their exposes
     */
    record Facts(
            Optional<String> ended,
            Optional<String> draining,
            Optional<Overdue> overdue,
            Optional<String> pausedBy,
            boolean serverDrains,
            Optional<String> missingPort,
            int sessions,
            String agent,
            Optional<Left> left,
            Optional<Long> month,
            Optional<Long> volume,
            List<String> failingTargets) {}

    /** A lease in its grace. */
    record Overdue(Instant since, Instant until) {}

    /**
     * Why an agent that came is not there.
     *
     * @param what who left, or that one was turned away
     */
    record Left(String what, Instant at, String why) {}

    /** A state and why. */
    record Verdict(TunnelState state, String reason) {}

    static Verdict of(Facts facts) {
        if (facts.ended().isPresent()) {
            return new Verdict(TunnelState.ENDED, facts.ended().get());
        }
        if (facts.draining().isPresent()) {
            return new Verdict(TunnelState.DRAINING, facts.draining().get());
        }
        if (facts.overdue().isPresent()) {
            Overdue overdue = facts.overdue().get();
            return new Verdict(
                    TunnelState.PAUSED,
                    "the lease ran out at " + at(overdue.since()) + "; renew it before " + at(overdue.until()));
        }
        if (facts.pausedBy().isPresent()) {
            return new Verdict(
                    TunnelState.PAUSED, "paused by " + facts.pausedBy().get());
        }
        if (facts.serverDrains()) {
            return new Verdict(TunnelState.DRAINING, "the server drains: it lets no new visitors in");
        }
        if (facts.missingPort().isPresent()) {
            return new Verdict(TunnelState.DEGRADED, facts.missingPort().get());
        }
        if (facts.sessions() == 0) {
            return new Verdict(
                    TunnelState.WAITING,
                    facts.left()
                            .map(left -> "no agent is connected: " + left.what() + " at " + at(left.at()) + " ("
                                    + left.why() + ")")
                            .orElse("no agent has connected yet"));
        }
        if (facts.month().isPresent()) {
            return new Verdict(
                    TunnelState.DEGRADED,
                    "the project's " + facts.month().get() + " bytes of this month (UTC) are used up");
        }
        if (facts.volume().isPresent()) {
            return new Verdict(
                    TunnelState.DEGRADED, "the volume of " + facts.volume().get() + " bytes is used up");
        }
        if (!facts.failingTargets().isEmpty()) {
            int others = facts.failingTargets().size() - 1;
            return new Verdict(
                    TunnelState.DEGRADED,
                    facts.failingTargets().get(0) + (others == 0 ? "" : "; and " + others + " more"));
        }
        return new Verdict(
                TunnelState.UP,
                facts.sessions() == 1
                        ? "agent " + facts.agent() + " is connected"
                        : facts.sessions() + " agents are connected");
    }

    /** A moment as people read it: to the second, with its zone. */
    static String at(Instant moment) {
        return moment.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
