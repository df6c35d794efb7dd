package io.culvert.control;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who may use the API: whoever shows one of the keys, or everyone where access is open. Immutable, any thread. */
public final class Access {
    private final List<SecretHash> keys;
    private final boolean open;

    private Access(List<SecretHash> keys, boolean open) {
        this.keys = keys;
        this.open = open;
    }

    /**
     * Lets in whoever shows one of the keys. Only hashes of them are kept.
     *
     * @param keys at least one that is not blank; blank ones are left out, blanks around a key do not count
     * @throws IllegalArgumentException where no key is left: nobody could get in, and leaving the door open instead is no answer
     */
    public static Access withKeys(Collection<String> keys) {
        List<SecretHash> hashes = keys.stream()
                .map(String::strip)
                .filter(key -> !key.isEmpty())
                .map(SecretHash::of)
                .distinct()
                .toList();
        if (hashes.isEmpty()) {
            throw new IllegalArgumentException("keys: none (expected: at least one that is not blank)");
        }
        return new Access(hashes, false);
    }

    /** Lets everyone in, as the caller {@code open}. */
    public static Access open() {
        return new Access(List.of(), true);
    }

    /** True where no key is asked for. */
    public boolean isOpen() {
        return open;
    }

    /**
     * Says who shows this key; empty where nobody may come in with it. Every key is compared to the end, so that the time taken says
     * nothing about which one was nearly right.
     *
     * @param key as the request carries it; null where it carries none
     */
    public Optional<Caller> authenticate(@Nullable String key) {
        if (open) {
            return Optional.of(Caller.trusted("open"));
        }
        if (key == null || key.isBlank()) {
            return Optional.empty();
        }
        SecretHash shown = SecretHash.of(key.strip());
        int match = 0;
        for (int i = 0; i < keys.size(); i++) {
            if (keys.get(i).matches(shown)) {
                match = i + 1;
            }
        }
        return match == 0 ? Optional.empty() : Optional.of(Caller.trusted("key-" + match));
    }
}
