package io.culvert.web;

import io.culvert.control.caller.Permission;
import io.culvert.web.http.Payload;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * One call of the API; a path may have two, one for each method. Immutable, any thread.
 *
 * @param changes true where it is a POST whose parameters stand in the body; else it is a GET and they stand in the query
 * @param permission what it takes
 * @param parameters what it understands, {@code key} included, in the order in which errors list them
 */
record Operation(String path, boolean changes, Permission permission, List<String> parameters, Work work) {
    Operation {
        parameters = List.copyOf(parameters);
    }

    /** What the audit calls it: {@code api/create}. */
    String name() {
        return path.substring(1);
    }

    /** Whether the audit is told that it was done. A bundle hands a private key out, however it was asked for. */
    boolean isWrittenDown() {
        return permission == Permission.TUNNELS_WRITE;
    }

    /** What the call does: gives an answer or throws. Called on a web loop; must not wait. */
    @FunctionalInterface
    interface Work {
        /** The stage may complete on any thread. */
        CompletionStage<? extends Payload> apply(Call call);
    }
}
