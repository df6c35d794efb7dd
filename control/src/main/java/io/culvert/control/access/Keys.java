package io.culvert.control.access;

import io.culvert.control.Caller;
import io.culvert.control.ConflictException;
import io.culvert.control.ForbiddenException;
import io.culvert.control.InvalidRequestException;
import io.culvert.control.NotFoundException;
import io.culvert.control.SecretHash;
import io.culvert.control.UnauthorizedException;
import io.culvert.control.caller.Permission;
import io.culvert.control.caller.Verdict;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** API keys; stages as in {@link Users}. A user sees its own, an operator those of the project, an admin all. Any thread. */
public final class Keys {
    /** Of one user, revoked ones too. */
    static final int MOST_OF_USER = 1_000;

    private final AccessBook book;
    private final LastUses uses;
    private final Secrets secrets;
    private final InstantSource clock;

    Keys(AccessBook book, LastUses uses, Secrets secrets, InstantSource clock) {
        this.book = book;
        this.uses = uses;
        this.secrets = secrets;
        this.clock = clock;
    }

    /** Those that the caller may see, newest first, revoked ones too. */
    public List<ApiKey> list(Caller caller) {
        return book.now()
                .keys()
                .map(StoredKey::key)
                .filter(key -> sees(caller, key))
                .sorted(Comparator.comparing(ApiKey::created).reversed().thenComparing(ApiKey::id))
                .map(this::view)
                .toList();
    }

    /** One that the caller may see. */
    public ApiKey find(Caller caller, String id) {
        return view(stored(caller, id).key());
    }

    private StoredKey stored(Caller caller, String id) {
        return book.now()
                .key(id)
                .filter(it -> sees(caller, it.key()))
                .orElseThrow(() -> new NotFoundException("key", id));
    }

    /**
     * Makes one that can do no more than the caller. Made with a key, it does not live longer than that one, and is revoked with it.
     */
    public CompletionStage<CreatedKey> create(Caller caller, NewKey wanted) {
        return Users.checked(() -> {
            AccessRules.checkTitle(wanted.title());
            check(wanted);
            mayMake(caller, wanted);
            return book.change(() -> make(caller, wanted));
        });
    }

    private CreatedKey make(Caller caller, NewKey wanted) {
        mayMake(caller, wanted);
        AccessState state = book.now();
        String user = wanted.user().orElse(caller.owner());
        if (state.user(user).isEmpty()) {
            throw wanted.user().isPresent()
                    ? new NotFoundException("user", user)
                    : new InvalidRequestException(
                            "user", "", "the name of whom the key is to act for, as " + user + " is no user");
        }
        wanted.project().filter(it -> state.project(it).isEmpty()).ifPresent(missing -> {
            throw new NotFoundException("project", missing);
        });
        if (state.keys().filter(it -> it.key().user().equals(user)).count() >= MOST_OF_USER) {
            throw new ConflictException("key: " + user + " has " + MOST_OF_USER + " (expected: fewer)");
        }
        Optional<ApiKey> maker = shownBy(caller);
        checkExpiry(wanted, maker);
        String id = freshId(state);
        String secret = ApiKey.MARK + id + "_" + secrets.secret();
        ApiKey key = new ApiKey(
                id,
                wanted.title(),
                user,
                wanted.project(),
                wanted.scopes(),
                wanted.tunnel(),
                wanted.expires().map(it -> it.truncatedTo(ChronoUnit.MICROS)),
                clock.instant().truncatedTo(ChronoUnit.MICROS),
                Optional.empty(),
                Optional.empty(),
                maker.map(ApiKey::id));
        book.apply(new AccessChanges().put(new StoredKey(key, SecretHash.of(secret))));
        return new CreatedKey(key, secret);
    }

    /** Revokes one, and those that were made with it. One that is revoked already stays so. */
    public CompletionStage<Void> revoke(Caller caller, String id) {
        return Users.checked(() -> {
            String found = stored(caller, id).key().id();
            return book.change(() -> {
                Set<String> gone = new HashSet<>();
                withDescendants(stored(caller, found).key().id(), gone);
                Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
                AccessChanges changes = new AccessChanges();
                gone.stream()
                        .flatMap(one -> book.now().key(one).stream())
                        .filter(one -> one.key().revoked().isEmpty())
                        .forEach(one -> changes.put(new StoredKey(revoked(one.key(), now), one.hash())));
                book.apply(changes);
                return null;
            });
        });
    }

    private void withDescendants(String id, Set<String> found) {
        if (found.add(id)) {
            book.now()
                    .keys()
                    .map(StoredKey::key)
                    .filter(key -> key.madeBy().filter(id::equals).isPresent())
                    .forEach(key -> withDescendants(key.id(), found));
        }
    }

    /** Lets go of keys that have been worth nothing for a month. By what runs on {@code culvert-access} only. */
    void prune(AccessChanges changes, Instant before) {
        book.now()
                .keys()
                .map(StoredKey::key)
                .filter(key -> key.revoked().filter(before::isAfter).isPresent()
                        || key.expires().filter(before::isAfter).isPresent())
                .forEach(key -> changes.goneKey(key.id()));
    }

    private boolean sees(Caller caller, ApiKey key) {
        if (AccessGate.isAdmin(caller)) {
            return true;
        }
        if (caller.grants().onlyTunnel().isPresent()) {
            return false;
        }
        boolean project = key.project()
                .filter(it -> caller.grants().inProject(Permission.MEMBERS, it) == Verdict.ALLOWED)
                .isPresent();
        boolean own = key.user().equals(caller.owner())
                && caller.grants().scopes().contains(Permission.KEYS)
                && key.project().map(caller.grants()::sees).orElseGet(() -> isWhole(caller));
        return project || own;
    }

    /** Whether the caller may be everywhere where its user may: not a key that is cut down to a project. */
    private boolean isWhole(Caller caller) {
        AccessState state = book.now();
        return state.user(caller.owner())
                .filter(user -> user.admin() == caller.grants().admin()
                        && state.roles(user.name()).equals(caller.grants().roles())
                        && caller.grants().onlyTunnel().isEmpty())
                .isPresent();
    }

    private void mayMake(Caller caller, NewKey wanted) {
        boolean admin = AccessGate.isAdmin(caller);
        if (wanted.user().filter(it -> !it.equals(caller.owner())).isPresent() && !admin) {
            throw new ForbiddenException("a key for another user (expected: an admin)");
        }
        if (!admin) {
            mayMakeOwn(caller, wanted);
        }
        for (Permission scope : wanted.scopes()) {
            boolean has = caller.grants().scopes().contains(scope)
                    && (admin
                            || (wanted.project().isPresent()
                                    ? caller.grants()
                                                    .inProject(
                                                            scope,
                                                            wanted.project().get())
                                            == Verdict.ALLOWED
                                    : caller.grants().anywhere(scope)));
            if (!has) {
                throw new ForbiddenException("scope '" + scope.word() + "' (expected: one that the caller has)");
            }
        }
    }

    private void mayMakeOwn(Caller caller, NewKey wanted) {
        if (wanted.project().isEmpty()) {
            if (!caller.grants().anywhere(Permission.KEYS) || !isWhole(caller)) {
                throw new ForbiddenException(
                        "a key for all projects (expected: a caller with keys who is no less than its user)");
            }
            return;
        }
        String project = wanted.project().get();
        switch (caller.grants().inProject(Permission.KEYS, project)) {
            case HIDDEN -> throw new NotFoundException("project", project);
            case REFUSED -> throw new ForbiddenException("keys in '" + project + "' (expected: keys)");
            case ALLOWED -> {}
        }
    }

    private void check(NewKey wanted) {
        if (wanted.scopes().isEmpty()) {
            throw new InvalidRequestException("scopes", "none", "at least one");
        }
        if (wanted.tunnel().isPresent() && wanted.project().isEmpty()) {
            throw new InvalidRequestException("project", "", "the one that the tunnel is in");
        }
        wanted.expires().filter(it -> !it.isAfter(clock.instant())).ifPresent(it -> {
            throw new InvalidRequestException("expires_at", it.toString(), "a moment in the future");
        });
    }

    private static void checkExpiry(NewKey wanted, Optional<ApiKey> maker) {
        maker.flatMap(ApiKey::expires).ifPresent(latest -> {
            if (wanted.expires().filter(it -> !it.isAfter(latest)).isEmpty()) {
                throw new InvalidRequestException(
                        "expires_at",
                        wanted.expires().map(Instant::toString).orElse("never"),
                        latest + " at the latest, as the key that asks");
            }
        });
    }

    /** The key that the caller came in with, where it is a user's; a user's name has no slash. It may have been revoked since then. */
    private Optional<ApiKey> shownBy(Caller caller) {
        int slash = caller.name().indexOf("/" + ApiKey.MARK);
        if (slash < 0) {
            return Optional.empty();
        }
        String id = caller.name().substring(slash + 1 + ApiKey.MARK.length());
        return Optional.of(book.now()
                .key(id)
                .map(StoredKey::key)
                .filter(key -> key.revoked().isEmpty())
                .orElseThrow(() -> new UnauthorizedException("key: was revoked")));
    }

    private String freshId(AccessState state) {
        String id = secrets.word(Authenticator.ID_LENGTH);
        while (state.key(id).isPresent()) {
            id = secrets.word(Authenticator.ID_LENGTH);
        }
        return id;
    }

    private ApiKey view(ApiKey key) {
        return uses.of(key.id())
                .filter(at ->
                        key.lastUsed().filter(before -> before.isAfter(at)).isEmpty())
                .map(at -> new ApiKey(
                        key.id(),
                        key.title(),
                        key.user(),
                        key.project(),
                        key.scopes(),
                        key.tunnel(),
                        key.expires(),
                        key.created(),
                        Optional.of(at),
                        key.revoked(),
                        key.madeBy()))
                .orElse(key);
    }

    private static ApiKey revoked(ApiKey key, Instant at) {
        return new ApiKey(
                key.id(),
                key.title(),
                key.user(),
                key.project(),
                key.scopes(),
                key.tunnel(),
                key.expires(),
                key.created(),
                key.lastUsed(),
                Optional.of(at),
                key.madeBy());
    }
}
