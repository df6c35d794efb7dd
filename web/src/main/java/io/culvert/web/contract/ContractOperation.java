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
 * @param audited whether the audit is told: every change, and what hands a secret out
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
        boolean audited,
        int maxBody) {
    public ContractOperation {
        parameters = List.copyOf(parameters);
    }
}
