package io.culvert.control.usage;

import java.time.Instant;

/**
 * What a tunnel carried in one minute, hour or day. Immutable, any thread.
 *
 * @param start the slot's first moment, in UTC
 * @param bytesIn from visitors to the target
 * @param bytesOut from the target to visitors
 * @param connections visitors that an agent took
 * @param refused visitors that were turned away
 */
public record UsageSlot(Instant start, long bytesIn, long bytesOut, long connections, long refused) {
    /** The same slot with what came in addition. */
    UsageSlot plus(UsageSlot more) {
        return new UsageSlot(
                start,
                bytesIn + more.bytesIn,
                bytesOut + more.bytesOut,
                connections + more.connections,
                refused + more.refused);
    }
}
