package io.culvert.app.remote;

import io.culvert.app.config.ConfigException;
import io.culvert.app.config.ValueType;
import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.ExitCode;
import io.culvert.app.process.Humane;
import io.culvert.app.process.SecretFile;
import io.culvert.client.User;
import io.culvert.client.UserSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** {@code culvert user}: who may sign in. Any thread. */
final class UserVerbs {
    private static final Option<String> TITLE = Option.of("title", Values.TEXT, "What people call the user.");
    private static final Option<Boolean> ADMIN =
            Option.of("admin", ValueType.SWITCH, "May do everything everywhere; --admin=false takes that back.");
    private static final Option<Boolean> DISABLED = Option.of(
            "disabled", ValueType.SWITCH, "Neither signs in nor has keys that work; --disabled=false takes that back.");
    private static final Option<Path> PASSWORD_FILE = Option.of(
            "password-file",
            ValueType.FILE_OR_STDIN,
            "File with a password, to be changed at the next sign-in; - reads standard input. A new user without one is given one.");
    private static final Option<Boolean> DROP_SECOND_FACTOR =
            Option.of("drop-second-factor", ValueType.SWITCH, "For a user who has lost it.");

    private UserVerbs() {}

    static List<Verb> all() {
        return List.of(
                new Verb(
                        "create",
                        "Make a user, who has no role in any project yet.",
                        "NAME",
                        "1 to 64 of a-z 0-9 . _ -",
                        List.of(TITLE, ADMIN, PASSWORD_FILE, SecretOut.OPTION),
                        List.of("user create anna --title Anna --secret-file anna.password"),
                        UserVerbs::create),
                new Verb(
                        "list",
                        "List who may sign in, with their roles in projects.",
                        "",
                        "",
                        List.of(),
                        List.of("user list"),
                        UserVerbs::list),
                new Verb(
                        "set",
                        "Change a user: what is named is changed, the rest stays.",
                        "NAME",
                        "The user's.",
                        List.of(TITLE, ADMIN, DISABLED, PASSWORD_FILE, DROP_SECOND_FACTOR),
                        List.of("user set anna --disabled", "user set anna --drop-second-factor"),
                        UserVerbs::set),
                new Verb(
                        "logout",
                        "End all logins of users.",
                        "NAME...",
                        "The users'.",
                        List.of(),
                        List.of("user logout anna"),
                        call -> each(
                                call,
                                "is signed out",
                                (remote, name) -> remote.client().users().endLogins(name))),
                new Verb(
                        "remove",
                        "Take users away, with their keys, logins and roles. What they made stays.",
                        "NAME...",
                        "The users'.",
                        List.of(),
                        List.of("user remove anna"),
                        call -> each(
                                call,
                                "is gone",
                                (remote, name) -> remote.client().users().remove(name))));
    }

    private static int create(Call call) throws ConfigException, CommandFailure, IOException {
        Words words = call.words();
        String name = words.only("NAME");
        Optional<Path> given = words.find(PASSWORD_FILE);
        UserSettings.Builder user = settings(words);
        SecretOut out = SecretOut.read(words, SecretOut.OPTION);
        Call.Remote remote = call.remote();
        password(call, given).ifPresent(user::password);
        User.WithPassword made = remote.client().users().create(name, user.build());
        if (made.password().isPresent()) {
            return out.say(
                    new SecretOut.Told(
                            "password", made.password().get(), made.user().document()),
                    "user " + Humane.plain(name) + ", and the first password",
                    "culvert user remove " + Humane.plain(name),
                    call.output());
        }
        return say(call, made.user(), "is made");
    }

    private static int set(Call call) throws ConfigException, CommandFailure, IOException {
        Words words = call.words();
        String name = words.only("NAME");
        Optional<Path> given = words.find(PASSWORD_FILE);
        UserSettings.Builder user = settings(words);
        words.find(DISABLED).ifPresent(user::disabled);
        if (words.on(DROP_SECOND_FACTOR)) {
            user.withoutSecondFactor();
        }
        Call.Remote remote = call.remote();
        password(call, given).ifPresent(user::password);
        return say(call, remote.client().users().change(name, user.build()), "is changed");
    }

    private static UserSettings.Builder settings(Words words) {
        UserSettings.Builder user = UserSettings.builder();
        words.find(TITLE).ifPresent(user::title);
        words.find(ADMIN).ifPresent(user::admin);
        return user;
    }

    private static Optional<String> password(Call call, Optional<Path> file) throws CommandFailure {
        return file.isPresent()
                ? Optional.of(
                        SecretFile.line("a password", file.get(), call.console().in()))
                : Optional.empty();
    }

    private static int say(Call call, User user, String what) {
        if (call.output().forPeople()) {
            call.output().line("user " + Humane.plain(user.name()) + " " + what);
        } else {
            call.output().document(user.document());
        }
        return ExitCode.OK;
    }

    private static int list(Call call) throws ConfigException, CommandFailure, IOException {
        List<User> users = call.remote().client().users().list();
        if (!call.output().forPeople()) {
            call.output().documents("users", users.stream().map(User::document).toList());
            return ExitCode.OK;
        }
        Table table = new Table("NAME", "IS", "SECOND FACTOR", "LAST SIGN-IN", "ROLES", "TITLE");
        users.forEach(user -> table.row(
                user.name(),
                user.disabled() ? "disabled" : user.admin() ? "admin" : "user",
                user.external() ? "provider's" : user.secondFactor() ? "yes" : "no",
                user.lastLogin().map(Humane::moment).orElse("never"),
                user.roles().entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(role -> role.getKey() + ":" + role.getValue())
                        .collect(Collectors.joining(" ")),
                user.title()));
        call.output().table(table, "no users");
        return ExitCode.OK;
    }

    /** What is done to a thing that has a name. */
    interface Deed {
        void on(Call.Remote remote, String name) throws IOException;
    }

    private static int each(Call call, String done, Deed deed) throws ConfigException, CommandFailure, IOException {
        List<String> names = call.words().some("NAME");
        Call.Remote remote = call.remote();
        return new Several(call.output()).each(names, name -> {
            deed.on(remote, name);
            if (call.output().forPeople()) {
                call.output().line("user " + Humane.plain(name) + " " + done);
            }
        });
    }
}
