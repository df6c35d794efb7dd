package io.culvert.control;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Who may use the API: whoever shows one of the keys, or everyone where access is open. Immutable, any thread. */
public final class Access {
    private final List<Key> keys;
    private final boolean open;

    /** What is kept of a key, and what its caller is called. */
    private record Key(String name, SecretHash hash) {}

    private Access(List<Key> keys, boolean open) {
        this.keys = List.copyOf(keys);
        this.open = open;
    }

    /**
     * Lets in whoever shows one of the keys, as {@code key-1}, {@code key-2} and so on. Only hashes of them are kept.
     *
     * @param keys at least one that is not blank; blank ones are left out, blanks around a key do not count
     * @throws IllegalArgumentException where no key is left: nobody could get in, and leaving the door open instead is no answer
     */
    public static Access withKeys(Collection<String> keys) {
        List<Key> named = numbered(keys);
        if (named.isEmpty()) {
            throw new IllegalArgumentException("keys: none (expected: at least one that is not blank)");
        }
        return new Access(named, false);
    }

    /**
     * Lets in whoever shows the server's own key as well, as {@code admin-key}, however many other keys there are.
     *
     * @param adminKey not blank
     * @param others as in {@link #withKeys(Collection)}, or none
     */
    public static Access withKeys(String adminKey, Collection<String> others) {
        if (adminKey.isBlank()) {
            throw new IllegalArgumentException("admin key: blank (expected: a key)");
        }
        List<Key> named = new ArrayList<>(numbered(others));
        named.add(new Key("admin-key", SecretHash.of(adminKey.strip())));
        return new Access(named, false);
    }

    private static List<Key> numbered(Collection<String> keys) {
        List<SecretHash> hashes = keys.stream()
                .map(String::strip)
                .filter(key -> !key.isEmpty())
                .map(SecretHash::of)
                .distinct()
                .toList();
        return IntStream.range(0, hashes.size())
                .mapToObj(i -> new Key("key-" + (i + 1), hashes.get(i)))
                .toList();
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
        String match = "";
        for (Key each : keys) {
            if (each.hash().matches(shown)) {
                match = each.name();
            }
        }
        return match.isEmpty() ? Optional.empty() : Optional.of(Caller.trusted(match));
    }
}
