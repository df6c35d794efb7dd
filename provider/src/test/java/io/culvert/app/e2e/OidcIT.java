package io.culvert.app.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.security.oauth2.jwt.JwtClaimsSet;

/** People who sign in with an identity provider: the real jar, and Spring Authorization Server. */
class OidcIT {
    private static final String IN = "/ui/manager";
    private static final String ATTEMPT = "culvert-oidc";
    private static final String NOT_BELIEVED = "/ui/login?failed=provider";

    @RegisterExtension
    final World world = new World();

    @Test
    void groupsAreRolesAndTheNextSignInBringsThoseOfThen() throws Exception {
        IdentityProvider provider = IdentityProvider.start(world);
        RunningServer server = server(provider);
        Person anna = new Person(server.url(), "anna");

        provider.putInto("anna", "crew", "the choir");
        assertThat(anna.signIn()).isEqualTo(IN);
        JsonNode first = session(anna);
        assertThat(first.path("user").asText()).isEqualTo("anna");
        assertThat(first.path("admin").asBoolean()).isFalse();
        assertThat(first.path("projects").toString()).isEqualTo("[{\"name\":\"default\",\"role\":\"operator\"}]");
        assertThat(anna.api("/users").statusCode()).isEqualTo(403);

        provider.putInto("anna", "captains");
        assertThat(anna.signIn()).isEqualTo(IN);
        assertThat(session(anna).path("admin").asBoolean()).isTrue();
        assertThat(anna.api("/users").statusCode()).isEqualTo(200);

        // In no group that is anything here: turned away, and what was open is shut.
        provider.putInto("anna", "the choir");
        Person elsewhere = new Person(server.url(), "anna");
        assertThat(elsewhere.signIn()).isEqualTo("/ui/login?failed=groups");
        assertThat(elsewhere.api("/session").statusCode()).isEqualTo(401);
        assertThat(anna.api("/session").statusCode()).isEqualTo(401);
        assertThat(new Person(server.url(), "bert").signIn()).isEqualTo("/ui/login?failed=groups");

        // Another name that is taken here already is not taken over.
        provider.putInto("admin", "captains");
        assertThat(new Person(server.url(), "admin").signIn()).isEqualTo("/ui/login?failed=name");

        provider.rotate();
        provider.putInto("anna", "crew");
        await().atMost(Duration.ofSeconds(30)).until(anna::signIn, IN::equals);

        HttpResponse<String> out = anna.signOut(session(anna).path("csrf").asText());
        assertThat(out.statusCode()).isEqualTo(204);
        assertThat(anna.api("/session").statusCode()).isEqualTo(401);

        assertThat(audit(server))
                .contains(
                        "anna: signIn user/anna done",
                        ": signIn user/anna refused: forbidden",
                        ": signIn user/bert refused: forbidden",
                        ": signIn user/admin refused: conflict")
                .doesNotContain("bert: signIn user/bert done", "admin: signIn user/admin done");
    }

    @Test
    void aTokenThatIsNotForUsNowIsNotBelieved() throws Exception {
        IdentityProvider provider = IdentityProvider.start(world);
        RunningServer server = server(provider);
        provider.putInto("anna", "captains");
        Instant now = Instant.now();
        Map<String, Consumer<JwtClaimsSet.Builder>> twists = new LinkedHashMap<>();
        twists.put("nonce of another", claims -> claims.claim("nonce", "a".repeat(43)));
        twists.put("for another", claims -> claims.audience(List.of("somebody else")));
        twists.put(
                "for several, asked for by another",
                claims -> claims.audience(List.of(IdentityProvider.CLIENT, "somebody else"))
                        .claim("azp", "somebody else"));
        twists.put("by another", claims -> claims.issuer("https://evil.example"));
        twists.put(
                "expired",
                claims -> claims.issuedAt(now.minusSeconds(1_200))
                        .expiresAt(now.minusSeconds(600))
                        .claim("nbf", now.minusSeconds(1_200)));
        Map<String, UnaryOperator<String>> forgeries = new LinkedHashMap<>();
        forgeries.put("unsigned", token -> new PlainJWT(claims(token)).serialize());
        forgeries.put("a public key as a secret", token -> signed(token, JWSAlgorithm.HS256, secret(provider)));
        forgeries.put("the client's secret", token -> signed(token, JWSAlgorithm.HS256, clientSecret()));
        forgeries.put("another key", token -> signed(token, JWSAlgorithm.RS256, anotherKey()));
        forgeries.put("changed", token -> token.replaceFirst("\\.[^.]+\\.", "." + admin(token) + "."));
        forgeries.put("no JWT", token -> "hello");

        for (Map.Entry<String, Consumer<JwtClaimsSet.Builder>> each : twists.entrySet()) {
            provider.twists(each.getValue());
            isTurnedAway(server, each.getKey());
        }
        provider.isHonest();
        for (Map.Entry<String, UnaryOperator<String>> each : forgeries.entrySet()) {
            provider.forges(each.getValue());
            isTurnedAway(server, each.getKey());
        }
        provider.isHonest();
        assertThat(new Person(server.url(), "anna").signIn()).isEqualTo(IN);
        // Each for its own reason, and nothing of a token in the log.
        assertThat(server.program().err() + server.program().out())
                .contains("JWT nonce claim value rejected", "JWT aud claim rejected", "(expected: azp culvert)")
                .contains("JWT iss claim value rejected", "Expired JWT")
                .contains(
                        "Unsecured (plain) JWTs are rejected",
                        "Another algorithm expected, or no matching key(s) found")
                .contains("Invalid signature", "not a signed JWT")
                .doesNotContain("eyJ", IdentityProvider.SECRET);
    }

    private static void isTurnedAway(RunningServer server, String why) {
        Person anna = new Person(server.url(), "anna");
        assertThat(anna.signIn()).as(why).isEqualTo(NOT_BELIEVED);
        assertThat(anna.api("/session").statusCode()).as(why).isEqualTo(401);
    }

    @Test
    void anAnswerIsGoodForTheBrowserThatAskedAndOnce() {
        IdentityProvider provider = IdentityProvider.start(world);
        RunningServer server = server(provider);
        provider.putInto("anna", "captains");
        provider.putInto("mallory", "crew");
        Person mallory = new Person(server.url(), "mallory");
        Person anna = new Person(server.url(), "anna");

        // Somebody else's answer, which would sign her in as him.
        URI malloryS = mallory.throughTheProvider(mallory.start());
        assertThat(anna.comeBack(malloryS)).isEqualTo("/ui/login?failed=state");
        anna.start();
        assertThat(anna.comeBack(malloryS)).isEqualTo("/ui/login?failed=state");

        // What the provider knows (the hash) is not what it takes to redeem the code (PKCE).
        URI asked = anna.start();
        String own = anna.cookie(ATTEMPT).orElseThrow();
        assertThat(asked.getQuery())
                .contains("code_challenge_method=S256", "response_type=code", "state=" + own.substring(0, 43))
                .doesNotContain(own.substring(88));
        URI answer = anna.throughTheProvider(asked);
        anna.sets(ATTEMPT, own.substring(0, 88) + "v".repeat(43));
        assertThat(anna.comeBack(answer)).isEqualTo(NOT_BELIEVED);
        assertThat(server.program().err() + server.program().out())
                .contains("token endpoint: status 400 invalid_grant (expected: 200)");

        // Another provider's answer, mixed in (RFC 9207).
        answer = anna.throughTheProvider(anna.start());
        assertThat(anna.comeBack(URI.create(answer + "&iss=https%3A%2F%2Fevil.example")))
                .isEqualTo(NOT_BELIEVED);

        answer = anna.throughTheProvider(anna.start());
        String then = anna.cookie(ATTEMPT).orElseThrow();
        assertThat(anna.comeBack(answer)).isEqualTo(IN);
        assertThat(anna.comeBack(answer)).isEqualTo("/ui/login?failed=state");
        anna.sets(ATTEMPT, then);
        assertThat(anna.comeBack(answer)).isEqualTo(NOT_BELIEVED);

        // Who presses Cancel there.
        URI state = anna.start();
        String back = server.url() + "/ui/oidc/callback?error=access_denied&state="
                + state.getQuery().replaceAll(".*state=([^&]+).*", "$1");
        assertThat(anna.comeBack(URI.create(back))).isEqualTo("/ui/login?failed=refused");
    }

    @Test
    void theServerStartsAndGoesOnWithoutItsProvider() throws Exception {
        IdentityProvider provider = IdentityProvider.start(world);
        provider.putInto("anna", "captains");
        provider.down();
        RunningServer server = server(provider);
        Person anna = new Person(server.url(), "anna");
        assertThat(anna.start().toString()).endsWith(NOT_BELIEVED);
        assertThat(server.program().err() + server.program().out())
                .contains("sign-in with " + provider.issuer() + ": discovery: no answer from " + provider.issuer()
                        + "/.well-known/openid-configuration: java.net.ConnectException");
        assertThat(server.client().list()).isEmpty();

        assertThat(provider.up()).isTrue();
        // Behind a failure the provider is not asked for some seconds.
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(anna.signIn()).isEqualTo(IN));

        Person late = new Person(server.url(), "anna");
        URI answer = late.throughTheProvider(late.start());
        provider.down();
        assertThat(late.comeBack(answer)).isEqualTo(NOT_BELIEVED);
        assertThat(server.program().err() + server.program().out())
                .contains("token endpoint: no answer from " + provider.issuer() + "/oauth2/token");
        // Whoever was in stays in.
        assertThat(anna.api("/session").statusCode()).isEqualTo(200);
    }

    @Test
    void providersDiffer() {
        IdentityProvider provider = IdentityProvider.start(world);
        provider.putInto("anna", "captains");
        provider.tellsGroupsLater();
        provider.describes(document -> document.tokenEndpointAuthenticationMethods(methods -> {
                    methods.clear();
                    methods.add("client_secret_post");
                })
                .claim("authorization_response_iss_parameter_supported", true));
        RunningServer server = server(provider);
        Person anna = new Person(server.url(), "anna");
        // One that promises to name itself and does not; Spring's does neither.
        URI answer = anna.throughTheProvider(anna.start());
        assertThat(anna.comeBack(answer)).isEqualTo(NOT_BELIEVED);
        answer = anna.throughTheProvider(anna.start());
        URI named = URI.create(
                answer + "&iss=" + provider.issuer().replace(":", "%3A").replace("/", "%2F"));
        assertThat(anna.comeBack(named)).isEqualTo(IN);
    }

    @Test
    void aClientWithoutASecretSignsPeopleInByPkceAlone() {
        IdentityProvider provider = IdentityProvider.start(world);
        provider.putInto("anna", "captains");
        RunningServer server = server(provider, IdentityProvider.PUBLIC_CLIENT);
        assertThat(new Person(server.url(), "anna").signIn()).isEqualTo(IN);
    }

    @Test
    void byTheButtonInABrowser() {
        IdentityProvider provider = IdentityProvider.start(world);
        provider.putInto("anna", "crew");
        RunningServer server = server(provider);
        Browser browser = world.closing(Browser.start());
        for (String user : List.of("anna", "bert")) {
            Tab tab = world.closing(browser.tab(server, "en-US"));
            tab.go("/ui/server").await("a[href='/ui/oidc/start']").click();
            tab.await("[name=username]").fill(user);
            tab.at("[name=password]").fill(IdentityProvider.PASSWORD);
            tab.at("button[type=submit]").click();
            if (user.equals("anna")) {
                tab.page.waitForURL("**/ui/manager");
                tab.await("#leave");
            } else {
                tab.page.waitForURL("**/ui/login?failed=groups");
                assertThat(tab.await("#fault"))
                        .hasText("You are in no group that may do anything here. Ask the admin.");
                tab.isAccessible("turned away");
            }
        }
    }

    private RunningServer server(IdentityProvider provider) {
        return server(
                provider,
                IdentityProvider.CLIENT,
                "--oidc-client-secret-file=" + world.secret("client-secret", IdentityProvider.SECRET));
    }

    /** A server on a port that its provider can be told beforehand. */
    private RunningServer server(IdentityProvider provider, String client, String... more) {
        return world.onFreePort(port -> {
                    String url = "http://127.0.0.1:" + port;
                    provider.sendsBackTo(url + "/ui/oidc/callback");
                    List<String> words = new ArrayList<>(List.of(
                            "server",
                            "--data=" + world.directory().resolve("data"),
                            "--http=127.0.0.1:" + port,
                            "--bridge=127.0.0.1:0",
                            "--expose-host=127.0.0.1",
                            "--ports=0",
                            "--print-ready",
                            "--public-url=" + url,
                            "--oidc-issuer=" + provider.issuer(),
                            "--oidc-client-id=" + client,
                            "--oidc-group=captains=admin",
                            "--oidc-group=crew=default:operator"));
                    words.addAll(List.of(more));
                    Program program = world.culvert("server", Map.of(), words.toArray(String[]::new));
                    return world.unlessTaken(
                            program,
                            RunningServer::isReadyLine,
                            line -> RunningServer.of(program, world.directory().resolve("data"), line));
                })
                .orElseThrow();
    }

    private static JsonNode session(Person person) throws JsonProcessingException {
        HttpResponse<String> answer = person.api("/session");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return new ObjectMapper().readTree(answer.body());
    }

    /** Each entry as caller, operation, thing and outcome. */
    private static List<String> audit(RunningServer server) throws IOException, InterruptedException {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(server.url() + "/api/v1/audit?limit=100"))
                                .header("Authorization", "Bearer " + server.key())
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        List<String> lines = new ArrayList<>();
        new ObjectMapper()
                .readTree(answer.body())
                .path("entries")
                .forEach(item -> lines.add(item.path("caller").asText() + ": "
                        + item.path("operation").asText() + " "
                        + item.path("target").asText() + " "
                        + item.path("outcome").asText()));
        return lines;
    }

    private static JWTClaimsSet claims(String token) {
        try {
            return SignedJWT.parse(token).getJWTClaimsSet();
        } catch (ParseException e) {
            throw new AssertionError(e);
        }
    }

    /** The same words by another signer, under the same key's name. */
    private static String signed(String token, JWSAlgorithm algorithm, JWSSigner signer) {
        try {
            SignedJWT before = SignedJWT.parse(token);
            SignedJWT forged = new SignedJWT(
                    new JWSHeader.Builder(algorithm)
                            .keyID(before.getHeader().getKeyID())
                            .build(),
                    before.getJWTClaimsSet());
            forged.sign(signer);
            return forged.serialize();
        } catch (ParseException | JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private static JWSSigner secret(IdentityProvider provider) {
        try {
            return new MACSigner(provider.key().toPublicKey().getEncoded());
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private static JWSSigner clientSecret() {
        try {
            // HS256 wants 32 bytes.
            return new MACSigner(Optional.of(IdentityProvider.SECRET)
                    .map(text -> text + text)
                    .orElseThrow());
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private static JWSSigner anotherKey() {
        try {
            RSAKey other = new RSAKeyGenerator(2048).generate();
            return new RSASSASigner(other);
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    /** The middle of the token with one group more. */
    private static String admin(String token) {
        return new PlainJWT(new JWTClaimsSet.Builder(claims(token))
                        .claim("groups", List.of("captains", "kings"))
                        .build())
                .serialize()
                .split("\\.", -1)[1];
    }
}
