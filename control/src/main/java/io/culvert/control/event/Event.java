package io.culvert.control.event;

import io.culvert.control.caller.Grants;
import io.culvert.control.caller.Permission;
import io.culvert.control.caller.Verdict;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Something that happened. Immutable, any thread.
 *
 * @param id grows by one with each, also across restarts; never used twice. After a crash it leaps ahead, since nobody knows any more
 *     which of the last ones were seen
 * @param at by the wall clock
 * @param tunnel whom it concerns; empty for the server as a whole
 * @param project of that tunnel; empty for the server as a whole
 * @param text one line in plain words, for people
 * @param details further facts by name, for programs; never a secret
 */
public record Event(
        long id,
        Instant at,
        EventKind kind,
        OptionalLong tunnel,
        Optional<String> project,
        String text,
        Map<String, String> details) {
    public Event {
        details = Map.copyOf(details);
    }

    /** Whether it may be told to one who may do this: whose it is not is not told of it, and what is nobody's is for admins. */
    public boolean isFor(Grants grants) {
        if (tunnel.isEmpty() || project.isEmpty()) {
            return grants.admin() && grants.inProject(Permission.TUNNELS_READ, "") == Verdict.ALLOWED;
        }
        return grants.onTunnel(Permission.TUNNELS_READ, tunnel.getAsLong(), project.get(), "") == Verdict.ALLOWED;
    }
}
