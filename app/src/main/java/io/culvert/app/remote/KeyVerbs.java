package io.culvert.app.remote;

import io.culvert.app.config.ConfigException;
import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.ExitCode;
import io.culvert.app.process.Humane;
import io.culvert.client.Key;
import io.culvert.client.NewKey;
import io.culvert.client.Tunnel;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** {@code culvert key}: keys of the API. Any thread. */
final class KeyVerbs {
    private static final Option<String> SCOPE =
            Option.many("scope", Values.NAME, "A permission that it leaves, as tunnels:renew; may be repeated.");
    private static final Option<String> TITLE = Option.of("title", Values.TEXT, "What people call it.");
    private static final Option<String> USER =
            Option.of("user", Values.NAME, "Whom it acts for; without: whoever asks. Admins alone name another.");
    private static final Option<String> PROJECT = Option.of("project", Values.NAME, "Good in this project only.");
    private static final Option<String> TUNNEL =
            Option.of("tunnel", Values.NAME, "Good for this tunnel only: its number or its name.");
    private static final Option<Instant> EXPIRES = Option.of("expires", Values.MOMENT, "When it ends; without: never.");

    private KeyVerbs() {}

    static List<Verb> all() {
        return List.of(
                new Verb(
                        "create",
                        "Make a key. With 'tunnels:renew' and a tunnel it renews that one and does nothing else.",
                        "",
                        "",
                        List.of(SCOPE, TITLE, USER, PROJECT, TUNNEL, EXPIRES, SecretOut.OPTION),
                        List.of(
                                "key create --scope tunnels:renew --tunnel lab --secret-file heartbeat.key",
                                "key create --scope tunnels:read --scope server:read --title dashboard --expires +30d"),
                        KeyVerbs::create),
                new Verb(
                        "list",
                        "List keys: one's own, an operator's those of the project, an admin's all.",
                        "",
                        "",
                        List.of(),
                        List.of("key list"),
                        KeyVerbs::list),
                new Verb(
                        "revoke",
                        "End keys, and those that were made with them, at once.",
                        "ID...",
                        "Ids of 'culvert key list'.",
                        List.of(),
                        List.of("key revoke 1a2b3c4d"),
                        KeyVerbs::revoke));
    }

    private static int create(Call call) throws ConfigException, CommandFailure, IOException {
        Words words = call.words();
        List<String> scopes = words.all(SCOPE);
        if (scopes.isEmpty() && !words.has(SCOPE)) {
            words.fault("flag --scope is missing (expected: at least one permission, as tunnels:read)");
        }
        NewKey.Builder key = NewKey.of(scopes);
        words.find(TITLE).ifPresent(key::title);
        words.find(USER).ifPresent(key::user);
        Optional<String> project = words.find(PROJECT);
        Optional<String> tunnel = words.find(TUNNEL);
        words.find(EXPIRES).ifPresent(key::expiresAt);
        SecretOut out = SecretOut.read(words, SecretOut.OPTION);
        Call.Remote remote = call.remote();
        if (tunnel.isPresent()) {
            Tunnel only = new Lookup(remote.client().tunnels()).any(tunnel.get());
            key.tunnel(only.id());
        }
        project.ifPresent(key::project);
        Key.WithSecret made = remote.client().keys().create(key.build());
        return out.say(
                new SecretOut.Told("secret", made.secret(), made.key().document()),
                "key " + made.key().id() + " of " + Humane.plain(made.key().user()),
                "culvert key revoke " + made.key().id(),
                call.output());
    }

    private static int list(Call call) throws ConfigException, CommandFailure, IOException {
        List<Key> keys = call.remote().client().keys().list();
        if (!call.output().forPeople()) {
            call.output().documents("keys", keys.stream().map(Key::document).toList());
            return ExitCode.OK;
        }
        Table table = new Table("ID", "USER", "PROJECT", "TUNNEL", "ENDS", "LAST USED", "SCOPES", "TITLE");
        keys.forEach(key -> table.row(
                key.id(),
                key.user(),
                key.project().orElse("-"),
                key.tunnel().map(String::valueOf).orElse("-"),
                key.revokedAt()
                        .map(at -> "revoked " + Humane.moment(at))
                        .or(() -> key.expiresAt().map(Humane::moment))
                        .orElse("-"),
                key.lastUsed().map(Humane::moment).orElse("never"),
                String.join(" ", key.scopes()),
                key.title()));
        call.output().table(table, "no keys");
        return ExitCode.OK;
    }

    private static int revoke(Call call) throws ConfigException, CommandFailure, IOException {
        List<String> ids = call.words().some("ID");
        Call.Remote remote = call.remote();
        return new Several(call.output()).each(ids, id -> {
            remote.client().keys().revoke(id);
            if (call.output().forPeople()) {
                call.output().line("key " + Humane.plain(id) + " is revoked");
            }
        });
    }
}
