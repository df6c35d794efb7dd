package io.culvert.control.usage;

import java.time.YearMonth;
import java.util.Map;

/**
 * Where it outlives the process what projects have carried in each month. Methods wait for the disk and throw a {@link RuntimeException} where
 * it fails. Called by one thread at a time.
 */
public interface MonthStore {
    /** Bytes of both directions by project, of those that have carried any in this month. */
    Map<String, Long> load(YearMonth month);

    /** Puts these figures in the place of what was written of these projects for this month; other months stay; all of them or none. */
    void write(YearMonth month, Map<String, Long> bytes);
}
