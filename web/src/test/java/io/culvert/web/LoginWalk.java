package io.culvert.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.web.ContractBook.Entry;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** What a user does with a login of its own, asked of a running server with the cookie of a real sign-in. One thread. */
final class LoginWalk {
    static final String FIRST = "mOThRBlQhzgN7kq";
    static final String FRESH = "seven herons on the weir";

    private final RunningServer server;
    private final ContractBook book;

    /** @param book is told what was seen */
    LoginWalk(RunningServer server, ContractBook book) {
        this.server = server;
        this.book = book;
    }

    /** A login: its cookie, and what changes must carry. */
    record Login(String cookie, String csrf) {}

    /** Makes a user with {@link #FIRST}, by the key of the configuration. */
    void makeUser(String name, boolean admin) {
        JsonObject user =
                new JsonObject().put("name", name).put("password", FIRST).put("admin", admin);
        assertThat(server.json("/api/v1/users", user.encode()).statusCode()).isEqualTo(201);
    }

    /** Makes a user whose password is its own, and signs it in. */
    Login settled(String name, boolean admin) {
        makeUser(name, admin);
        Login first = in(signIn(name, FIRST, null));
        assertThat(ask(first, "changePassword", "", passwords(FIRST, FRESH)).statusCode())
                .isEqualTo(204);
        return in(signIn(name, FRESH, null));
    }

    static JsonObject passwords(String old, String fresh) {
        return new JsonObject().put("old", old).put("new", fresh);
    }

    static JsonObject code(String code) {
        return new JsonObject().put("code", code);
    }

    HttpResponse<String> signIn(String user, String password, @Nullable String code) {
        JsonObject body = new JsonObject().put("user", user).put("password", password);
        if (code != null) {
            body.put("code", code);
        }
        Entry entry = book.entry("signIn");
        HttpResponse<String> response = server.send(request(entry, "", body));
        book.check(entry, response);
        return response;
    }

    static Login in(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        String cookie = response.headers().firstValue("Set-Cookie").orElseThrow();
        return new Login(cookie.substring(0, cookie.indexOf(';')), new JsonObject(response.body()).getString("csrf"));
    }

    /**
     * Asks with a login.
     *
     * @param last the last part of the path, in place of a parameter; empty where there is none
     */
    HttpResponse<String> ask(Login login, String id, String last, JsonObject body) {
        Entry entry = book.entry(id);
        HttpResponse<String> response = server.send(
                request(entry, last, body).header("Cookie", login.cookie()).header("X-CSRF-Token", login.csrf()));
        book.check(entry, response);
        return response;
    }

    JsonObject ask(int status, Login login, String id, JsonObject body) {
        HttpResponse<String> response = ask(login, id, "", body);
        assertThat(response.statusCode()).as(id + response.body()).isEqualTo(status);
        return response.body().isEmpty() ? new JsonObject() : new JsonObject(response.body());
    }

    private HttpRequest.Builder request(Entry entry, String last, JsonObject body) {
        HttpRequest.Builder request = server.to("/api/v1" + entry.path().replaceAll("\\{[a-z]+}", last));
        return body.isEmpty()
                ? request.method(entry.method(), BodyPublishers.noBody())
                : request.header("Content-Type", "application/json")
                        .method(entry.method(), BodyPublishers.ofString(body.encode()));
    }

    /** Everything from the first sign-in to the last sign-out. */
    void walk() {
        JsonObject none = new JsonObject();
        makeUser("ada", false);
        assertThat(server.send(server.to("/api/v1/projects/default/members/ada")
                                .header("Authorization", "Bearer " + RunningServer.KEY)
                                .header("Content-Type", "application/json")
                                .PUT(BodyPublishers.ofString("{\"role\":\"member\"}")))
                        .statusCode())
                .isEqualTo(200);
        assertThat(signIn("ada", "not the password", null).statusCode()).isEqualTo(401);
        Login first = in(signIn("ada", FIRST, null));
        for (String closed : new String[] {"beginSecondFactor", "listLogins"}) {
            assertThat(ask(403, first, closed, none).getString("detail")).contains("changed first");
        }
        String weak = ask(400, first, "changePassword", passwords(FIRST, "passwordpassword"))
                .getJsonArray("errors")
                .getJsonObject(0)
                .getString("field");
        assertThat(weak).isEqualTo("/new");
        ask(409, first, "changePassword", passwords(FIRST, FIRST));
        ask(401, first, "changePassword", passwords("something of before", FRESH));
        ask(204, first, "changePassword", passwords(FIRST, FRESH));
        book.sent(book.entry("changePassword"), "first");
        assertThat(ask(200, first, "getSession", none).getBoolean("must_change_password"))
                .isFalse();
        secondFactor(first);

        Login other = in(signIn("ada", FRESH, null));
        book.sent(book.entry("signIn"), "password");
        JsonArray logins = ask(200, other, "listLogins", none).getJsonArray("logins");
        assertThat(logins).hasSize(4);
        String of = logins.stream()
                .map(login -> (JsonObject) login)
                .filter(login -> !login.getBoolean("current"))
                .map(login -> login.getString("id"))
                .findFirst()
                .orElseThrow();
        assertThat(ask(other, "endLogin", of, none).statusCode()).isEqualTo(204);
        assertThat(ask(other, "endLogin", of, none).statusCode()).isEqualTo(404);
        HttpResponse<String> out = ask(other, "signOut", "", none);
        assertThat(out.statusCode()).isEqualTo(204);
        assertThat(out.headers().firstValue("Set-Cookie").orElseThrow()).contains("Max-Age=0");
        ask(401, other, "getSession", none);
    }

    /** Enrols, signs in by code and by recovery code, makes new recovery codes, and goes back. */
    private void secondFactor(Login login) {
        JsonObject none = new JsonObject();
        ask(409, login, "removeSecondFactor", code("492039"));
        ask(409, login, "renewRecoveryCodes", code("492039"));
        JsonObject made = ask(200, login, "beginSecondFactor", none);
        assertThat(made.getString("uri")).startsWith("otpauth://totp/Culvert:ada?secret=" + made.getString("secret"));
        byte[] secret = base32(made.getString("secret"));
        long step = Instant.now().getEpochSecond() / 30;
        ask(401, login, "confirmSecondFactor", code("nonsense"));
        JsonArray codes =
                ask(200, login, "confirmSecondFactor", code(totp(secret, step))).getJsonArray("recovery_codes");
        book.sent(book.entry("confirmSecondFactor"), "six");
        assertThat(codes.stream().distinct()).hasSize(10);
        ask(409, login, "confirmSecondFactor", code(totp(secret, step)));
        ask(409, login, "beginSecondFactor", none);

        HttpResponse<String> without = signIn("ada", FRESH, null);
        assertThat(without.statusCode()).isEqualTo(401);
        assertThat(new JsonObject(without.body()).getString("type")).isEqualTo("/docs/problems#second-factor");
        assertThat(signIn("ada", FRESH, totp(secret, step)).statusCode())
                .as("a code that was used")
                .isEqualTo(401);
        Login coded = in(signIn("ada", FRESH, totp(secret, step + 1)));
        book.sent(book.entry("signIn"), "code");
        assertThat(ask(200, coded, "getSession", none).getBoolean("second_factor"))
                .isTrue();
        String recovery = codes.getString(0);
        in(signIn("ada", FRESH, recovery));
        assertThat(signIn("ada", FRESH, recovery).statusCode()).as("good once").isEqualTo(401);
        JsonArray fresh =
                ask(200, login, "renewRecoveryCodes", code(codes.getString(1))).getJsonArray("recovery_codes");
        book.sent(book.entry("renewRecoveryCodes"), "six");
        ask(401, login, "removeSecondFactor", code(codes.getString(2)));
        ask(204, login, "removeSecondFactor", code(fresh.getString(0)));
        book.sent(book.entry("removeSecondFactor"), "six");
        assertThat(ask(200, login, "getSession", none).getBoolean("second_factor"))
                .isFalse();
    }

    /** The code of a step of 30 s, as RFC 6238 has it and any authenticator shows it. */
    private static String totp(byte[] secret, long step) {
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(secret, "HmacSHA1"));
            byte[] hash =
                    mac.doFinal(ByteBuffer.allocate(Long.BYTES).putLong(step).array());
            int number = ByteBuffer.wrap(hash).getInt(hash[hash.length - 1] & 0xf) & Integer.MAX_VALUE;
            return String.format(Locale.ROOT, "%06d", number % 1_000_000);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] base32(String text) {
        ByteBuffer bytes = ByteBuffer.allocate(text.length() * 5 / 8);
        long bits = 0;
        int held = 0;
        for (int i = 0; i < text.length(); i++) {
            bits = bits << 5 | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(text.charAt(i));
            held += 5;
            if (held >= 8) {
                held -= 8;
                bytes.put((byte) (bits >> held));
            }
        }
        return bytes.array();
    }

    /** A change that does not carry what only our own page knows is refused, whatever it is, and nothing is done. */
    void noChangeWithoutTheLoginsToken() {
        Login admin = settled("root", true);
        Login other = in(signIn("root", FRESH, null));
        int changes = 0;
        for (Entry entry : book.entries()) {
            boolean open = Objects.equals(entry.operation().getValue("security"), new JsonArray());
            if (entry.method().equals("GET") || open) {
                continue;
            }
            changes++;
            JsonObject body = entry.bodies().values().stream().findFirst().orElse(new JsonObject());
            for (Optional<String> token : List.of(Optional.<String>empty(), Optional.of(other.csrf()))) {
                HttpRequest.Builder request = request(entry, "1", body).header("Cookie", admin.cookie());
                token.ifPresent(said -> request.header("X-CSRF-Token", said));
                HttpResponse<String> response = server.send(request);
                assertThat(response.statusCode()).as(entry.id()).isEqualTo(403);
                assertThat(response.body()).as(entry.id()).contains("X-CSRF-Token");
                book.check(entry, response);
            }
        }
        assertThat(changes).isGreaterThan(30);
    }

    /** Whoever tries too often is not looked at; an account at an address has five tries for nothing. */
    void tooManyTries(Login login) {
        JsonObject none = new JsonObject();
        byte[] secret = base32(ask(200, login, "beginSecondFactor", none).getString("secret"));
        ask(200, login, "confirmSecondFactor", code(totp(secret, Instant.now().getEpochSecond() / 30)));
        int status = 401;
        for (int i = 0; i < 12 && status == 401; i++) {
            status = ask(login, "changePassword", "", passwords("not it, not it", FRESH + i))
                    .statusCode();
        }
        assertThat(status).isEqualTo(429);
        for (String id : new String[] {"confirmSecondFactor", "renewRecoveryCodes", "removeSecondFactor"}) {
            ask(429, login, id, code("492039"));
        }
        assertThat(signIn("una", FRESH, null).statusCode()).isEqualTo(429);
        assertThat(ask(200, login, "getSession", none).getString("kind")).isEqualTo("session");
    }
}
