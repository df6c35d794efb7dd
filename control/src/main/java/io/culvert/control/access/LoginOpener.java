package io.culvert.control.access;

import io.culvert.control.ConflictException;
import io.culvert.control.ForbiddenException;
import io.culvert.control.InvalidRequestException;
import io.culvert.control.SecretHash;
import io.culvert.control.UnauthorizedException;
import io.culvert.control.caller.Role;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Opens logins of users who are who they say. By what runs on {@code culvert-access} only. */
final class LoginOpener {
    /** Of one user; the one that was not used for longest ends. */
    static final int MOST_OF_USER = 20;

    private static final int ID_LENGTH = 12;
    private static final int MOST_AGENT = 200;
    private static final int MOST_SUBJECT = 500;

    private final AccessBook book;
    private final Authenticator authenticator;
    private final Secrets secrets;
    private final InstantSource clock;

    LoginOpener(AccessBook book, Authenticator authenticator, Secrets secrets, InstantSource clock) {
        this.book = book;
        this.authenticator = authenticator;
        this.secrets = secrets;
        this.clock = clock;
    }

    /** Opens one for this user, who is put down as it is given. */
    SignedIn open(StoredUser user, Origin from) {
        return open(user, new AccessChanges(), from);
    }

    /** Opens one for whom an identity provider vouches. */
    SignedIn open(ExternalUser shown, Origin from) {
        if (shown.subject().isEmpty() || shown.subject().length() > MOST_SUBJECT) {
            throw new InvalidRequestException(
                    "subject", shown.subject().length() + " characters", "1 to " + MOST_SUBJECT);
        }
        StoredUser before = book.now().bySubject(shown.subject()).orElseGet(() -> fresh(shown));
        if (before.disabled()) {
            throw new UnauthorizedException("user: '" + before.name() + "' is disabled");
        }
        Map<String, Role> roles = shown.roles().entrySet().stream()
                .filter(role -> book.now().project(role.getKey()).isPresent())
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        String title = shown.title().length() <= AccessRules.MOST_TITLE ? shown.title() : before.title();
        StoredUser user = before.with(title, shown.admin(), false);
        AccessChanges changes = new AccessChanges();
        book.now().roles(user.name()).keySet().stream()
                .filter(project -> !roles.containsKey(project))
                .forEach(project -> changes.goneMember(project, user.name()));
        roles.forEach((project, role) -> changes.put(new Member(project, user.name(), role)));
        if (!shown.admin() && roles.isEmpty()) {
            shutOut(user, changes);
        }
        return open(user, changes, from);
    }

    /** Whoever is nothing here any more is not only turned away: what he had is gone, and so are logins of before. */
    private void shutOut(StoredUser user, AccessChanges changes) {
        if (book.now().user(user.name()).isPresent()) {
            book.now().loginsOf(user.name()).forEach(login -> changes.goneLogin(login.id()));
            book.apply(changes.put(user));
        }
        throw new ForbiddenException("user: '" + user.name() + "' is in no group that may do anything here");
    }

    private StoredUser fresh(ExternalUser shown) {
        AccessRules.checkUserName(shown.name());
        if (book.now().user(shown.name()).isPresent()) {
            throw new ConflictException("user: '" + shown.name() + "' is there already, and is another one");
        }
        return new StoredUser(
                shown.name(),
                "",
                false,
                false,
                false,
                Optional.empty(),
                Optional.empty(),
                0,
                Set.of(),
                Optional.of(shown.subject()),
                now(),
                Optional.empty());
    }

    private SignedIn open(StoredUser user, AccessChanges changes, Origin from) {
        String secret = secrets.secret();
        StoredLogin login = new StoredLogin(
                secrets.word(ID_LENGTH),
                SecretHash.of(secret),
                user.name(),
                now(),
                now(),
                Place.textOf(from.address()),
                agent(from.agent()));
        StoredUser seen = user.seen(login.created());
        List<StoredLogin> others = book.now()
                .loginsOf(user.name())
                .sorted(Comparator.comparing(
                                (StoredLogin it) -> authenticator.view(it).seen())
                        .reversed())
                .toList();
        others.stream().skip(MOST_OF_USER - 1L).forEach(it -> changes.goneLogin(it.id()));
        book.apply(changes.put(seen).put(login));
        return new SignedIn(secret, authenticator.visit(login, seen, secret));
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    private static String agent(String text) {
        String plain = text.replaceAll("[^ -~]", "?");
        return plain.length() <= MOST_AGENT ? plain : plain.substring(0, MOST_AGENT);
    }
}
