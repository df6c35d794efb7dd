package io.culvert.control;

import java.util.List;

/**
 * What became of an import. Immutable, any thread.
 *
 * @param created tunnels that are new
 * @param present requests that a living tunnel fulfils already
 * @param failed one line for each request that was not carried out, saying which and why
 */
public record ImportResult(int created, int present, List<String> failed) {
    public ImportResult {
        failed = List.copyOf(failed);
    }
}
