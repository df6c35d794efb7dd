package io.culvert.app.remote;

import io.culvert.app.config.ConfigException;
import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.ExitCode;
import io.culvert.app.process.Humane;
import io.culvert.client.JoinToken;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** {@code culvert token}: further tokens by which agents serve a tunnel. Any thread. */
final class TokenVerbs {
    private static final Option<Duration> TTL =
            Option.of("ttl", Values.TIME, "How long it can be exchanged; without: as long as the tunnel lives.");
    private static final Option<Integer> USES = Option.of("uses", Values.USES, "How often; without: any number.");

    private TokenVerbs() {}

    static List<Verb> all() {
        return List.of(
                new Verb(
                        "create",
                        "Invite an agent: it exchanges the token for a credential of its own.",
                        "TUNNEL",
                        "Its number or its name.",
                        List.of(TTL, USES, TokenFile.OPTION),
                        List.of("token create lab --uses 1 --ttl 1h --token-file once.token"),
                        TokenVerbs::create),
                new Verb(
                        "list",
                        "List a tunnel's tokens, beside the one of its creation.",
                        "TUNNEL",
                        "Its number or its name.",
                        List.of(),
                        List.of("token list lab"),
                        TokenVerbs::list),
                new Verb(
                        "revoke",
                        "End tokens, with the credentials that they were exchanged for and their sessions.",
                        "TUNNEL ID...",
                        "The tunnel's number or name, and ids of 'culvert token list'.",
                        List.of(),
                        List.of("token revoke lab 8c1f0a6de2b94475"),
                        TokenVerbs::revoke));
    }

    private static int create(Call call) throws ConfigException, CommandFailure, IOException {
        Words words = call.words();
        String word = words.only("TUNNEL");
        Optional<Duration> ttl = words.find(TTL);
        Optional<Integer> uses = words.find(USES);
        SecretOut out = SecretOut.read(words, TokenFile.OPTION);
        Call.Remote remote = call.remote();
        long id = new Lookup(remote.client().tunnels()).id(word);
        JoinToken.WithJoin made = remote.client().joinTokens().create(id, ttl, uses);
        String token = made.token().id();
        return out.say(
                new SecretOut.Told("join", made.join(), made.token().document()),
                "token " + token + " of tunnel " + id,
                "culvert token revoke " + id + " " + token,
                call.output());
    }

    private static int list(Call call) throws ConfigException, CommandFailure, IOException {
        String word = call.words().only("TUNNEL");
        Call.Remote remote = call.remote();
        long id = new Lookup(remote.client().tunnels()).id(word);
        List<JoinToken> tokens = remote.client().joinTokens().list(id);
        if (!call.output().forPeople()) {
            call.output()
                    .documents(
                            "join_tokens",
                            tokens.stream().map(JoinToken::document).toList());
            return ExitCode.OK;
        }
        Table table = new Table("ID", "STATE", ">USES LEFT", ">AGENTS", "ENDS", "CREATED");
        tokens.forEach(token -> table.row(
                token.id(),
                token.state(),
                token.usesLeft().map(String::valueOf).orElse("any"),
                token.credentials(),
                token.expiresAt()
                        .map(end -> Humane.moment(end) + ", in " + Humane.until(end, Instant.now()))
                        .orElse("-"),
                Humane.moment(token.createdAt()) + " by " + token.createdBy()));
        call.output().table(table, "no tokens beside the one of its creation");
        return ExitCode.OK;
    }

    private static int revoke(Call call) throws ConfigException, CommandFailure, IOException {
        List<String> words = call.words().operands();
        if (words.size() < 2) {
            call.words()
                    .fault("TUNNEL ID...: '" + String.join(" ", words) + "' (expected: a tunnel and at least one id)");
        }
        Call.Remote remote = call.remote();
        long id = new Lookup(remote.client().tunnels()).id(words.get(0));
        return new Several(call.output()).each(words.subList(1, words.size()), token -> {
            remote.client().joinTokens().revoke(id, token);
            if (call.output().forPeople()) {
                call.output().line("token " + Humane.plain(token) + " is revoked");
            }
        });
    }
}
