package io.culvert.control.access;

import io.culvert.control.Caller;
import io.culvert.control.ConflictException;
import io.culvert.control.ControlException;
import io.culvert.control.NotFoundException;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Users, for admins. Reading looks at the snapshot and never waits; changes complete on {@code culvert-access} with a result or a
 * {@link ControlException}, when they hold for everybody, and whoever continues them there must not wait. Any thread.
 *
 * <p>All of it is for {@code admin}: others get {@link io.culvert.control.ForbiddenException}.
 */
public final class Users {
    private final AccessBook book;
    private final Argon2 argon;
    private final Secrets secrets;
    private final InstantSource clock;

    Users(AccessBook book, Argon2 argon, Secrets secrets, InstantSource clock) {
        this.book = book;
        this.argon = argon;
        this.secrets = secrets;
        this.clock = clock;
    }

    /** All, by name. */
    public List<User> list(Caller caller) {
        AccessGate.admin(caller, "users");
        AccessState state = book.now();
        return state.users().map(state::view).toList();
    }

    /** One; a caller who is no admin sees nobody but itself. */
    public User find(Caller caller, String name) {
        AccessState state = book.now();
        return state.user(name)
                .filter(user -> AccessGate.isAdmin(caller) || caller.owner().equals(name))
                .map(state::view)
                .orElseThrow(() -> new NotFoundException("user", name));
    }

    /** Makes one, who must change the password at the first login. */
    public CompletionStage<CreatedUser> create(Caller caller, NewUser wanted) {
        return checked(() -> {
            AccessGate.admin(caller, "users");
            return create(wanted, CompletableFuture.completedStage(null));
        });
    }

    /**
     * Makes one, whoever asks.
     *
     * @param when waited for between the hash and its being kept; nothing is kept where it fails
     */
    CompletionStage<CreatedUser> create(NewUser wanted, CompletionStage<?> when) {
        AccessRules.checkUserName(wanted.name());
        AccessRules.checkTitle(wanted.title());
        wanted.password().ifPresent(it -> AccessRules.checkPassword("password", wanted.name(), it));
        return book.hash(true, () -> {
            if (book.now().user(wanted.name()).isPresent()) {
                throw new ConflictException("user: '" + wanted.name() + "' is there already");
            }
            String password = wanted.password().orElseGet(secrets::password);
            String hash = wanted.password().isPresent() ? argon.hash(password) : argon.hashMade(password);
            StoredUser user = new StoredUser(
                    wanted.name(),
                    wanted.title(),
                    wanted.admin(),
                    false,
                    true,
                    Optional.of(hash),
                    Optional.empty(),
                    0,
                    Set.of(),
                    Optional.empty(),
                    clock.instant().truncatedTo(ChronoUnit.MICROS),
                    Optional.empty());
            Object unused = when.toCompletableFuture().join();
            book.apply(new AccessChanges().put(user));
            return new CreatedUser(
                    book.now().view(user), wanted.password().isPresent() ? Optional.empty() : Optional.of(password));
        });
    }

    /** Changes one. The last admin who may sign in stays one. */
    public CompletionStage<User> change(Caller caller, String name, UserPatch patch) {
        return checked(() -> {
            AccessGate.admin(caller, "users");
            patch.title().ifPresent(AccessRules::checkTitle);
            patch.password().ifPresent(it -> AccessRules.checkPassword("password", name, it));
            Supplier<User> work = () -> change(name, patch);
            return patch.password().isPresent() ? book.hash(true, work) : book.change(work);
        });
    }

    private User change(String name, UserPatch patch) {
        AccessState state = book.now();
        StoredUser user = stored(name);
        StoredUser changed = user.with(
                patch.title().orElse(user.title()),
                patch.admin().orElse(user.admin()),
                patch.disabled().orElse(user.disabled()));
        if (patch.password().isPresent()) {
            if (user.subject().isPresent()) {
                throw new ConflictException(
                        "user: '" + name + "' signs in with an identity provider and has no password");
            }
            changed = changed.withPassword(argon.hash(patch.password().get()), true);
        }
        if (patch.dropSecondFactor()) {
            changed = changed.withSecondFactor(Optional.empty(), changed.totpStep(), Set.of());
        }
        if (!(changed.admin() && changed.maySignIn())) {
            keepAnAdmin(name);
        }
        AccessChanges changes = new AccessChanges().put(changed);
        if (changed.disabled() || patch.password().isPresent()) {
            state.loginsOf(name).forEach(login -> changes.goneLogin(login.id()));
        }
        book.apply(changes);
        return book.now().view(changed);
    }

    /** Takes one away, with keys, logins and roles; not the last admin. What the user made stays, with the name as its owner. */
    public CompletionStage<Void> remove(Caller caller, String name) {
        return checked(() -> {
            AccessGate.admin(caller, "users");
            return book.change(() -> {
                StoredUser user = stored(name);
                keepAnAdmin(name);
                book.apply(new AccessChanges().goneUser(user.name()));
                return null;
            });
        });
    }

    /** Ends all logins of one. */
    public CompletionStage<Void> endLogins(Caller caller, String name) {
        return checked(() -> {
            AccessGate.admin(caller, "users");
            return book.change(() -> {
                StoredUser user = stored(name);
                AccessChanges changes = new AccessChanges();
                book.now().loginsOf(user.name()).forEach(login -> changes.goneLogin(login.id()));
                book.apply(changes);
                return null;
            });
        });
    }

    private StoredUser stored(String name) {
        return book.now().user(name).orElseThrow(() -> new NotFoundException("user", name));
    }

    /** Somebody besides this one must be left who can let people in again. */
    private void keepAnAdmin(String name) {
        AccessState state = book.now();
        boolean counts =
                state.user(name).filter(it -> it.admin() && it.maySignIn()).isPresent();
        boolean another = state.users()
                .anyMatch(it -> it.admin() && it.maySignIn() && !it.name().equals(name));
        if (counts && !another) {
            throw new ConflictException("user: '" + name + "' is the last admin who may sign in");
        }
    }

    /** What is refused at once is told in the same way as what is refused later. */
    static <T> CompletionStage<T> checked(Supplier<CompletionStage<T>> work) {
        try {
            return work.get();
        } catch (ControlException e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
