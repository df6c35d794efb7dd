package io.culvert.web.contract;

import io.culvert.control.caller.Permission;
import java.util.List;
import java.util.Optional;

/**
 * One operation of the contract. Immutable, any thread.
 *
 * @param id what the contract calls it
 * @param method in capitals
 * @param path as written, {@code /tunnels/{id}}
 * @param body empty where it takes none
 * @param secured false where no key is asked for
 * @param permission what it takes, somewhere at least; empty where it asks for no credential, or for any that is good
 * @param maxBody the longest body it takes, in bytes
 */
public record ContractOperation(
        String id,
        String method,
        String path,
        List<Parameter> parameters,
        Optional<BodyRule> body,
        boolean secured,
        Optional<Permission> permission,
        int maxBody) {
    public ContractOperation {
        parameters = List.copyOf(parameters);
    }

    /** Whether it is made to change something. */
    public boolean changes() {
        return !method.equals("GET");
    }
}
