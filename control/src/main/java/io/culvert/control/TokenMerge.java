package io.culvert.control;

import java.util.List;
import java.util.Optional;

/**
 * Tokens that were changed at two places at once: by a change that waited for the disk, and by quick commands meanwhile, which never add
 * tokens or credentials, but drop and settle credentials. Any thread.
 */
final class TokenMerge {
    private TokenMerge() {}

    /**
     * The tokens with both changes.
     *
     * @param before what the change was drawn up from
     * @param meanwhile what became of that while the disk worked
     * @param next what the change makes of it
     */
    static List<IssuedToken> of(List<IssuedToken> before, List<IssuedToken> meanwhile, List<IssuedToken> next) {
        if (next.equals(before)) {
            return meanwhile;
        }
        return meanwhile.equals(before)
                ? next
                : next.stream().map(token -> token(before, meanwhile, token)).toList();
    }

    private static IssuedToken token(List<IssuedToken> before, List<IssuedToken> meanwhile, IssuedToken next) {
        Optional<IssuedToken> old = find(before, next);
        Optional<IssuedToken> now = find(meanwhile, next);
        if (old.isEmpty() || now.isEmpty() || now.equals(old)) {
            return next;
        }
        List<SessionCredential> credentials = next.credentials().stream()
                .flatMap(credential -> credential(old.get(), now.get(), credential).stream())
                .toList();
        return next.with(credentials, next.lastUsed());
    }

    private static Optional<IssuedToken> find(List<IssuedToken> tokens, IssuedToken token) {
        return tokens.stream().filter(one -> one.id().equals(token.id())).findFirst();
    }

    /** What the change leaves alone is as it became meanwhile; what it adds or renews is as the change has it. */
    private static Optional<SessionCredential> credential(IssuedToken old, IssuedToken now, SessionCredential next) {
        return old.credentials().contains(next)
                ? now.credentials().stream()
                        .filter(one -> one.id().equals(next.id()))
                        .findFirst()
                : Optional.of(next);
    }
}
