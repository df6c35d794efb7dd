package io.culvert.web.oidc;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.JWTClaimsSet;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Asks the provider, server to server: what it is, who somebody is. No redirects, ten seconds for each answer, 256 KiB at most. What it says of
 * itself and its keys are kept for an hour; a token by a key that is not among them has them fetched anew, once in ten seconds at most. However many
 * ask, one fetch is under way, and behind one that failed there is none for five seconds: nobody has to sign in to ask for it. Any thread.
 */
final class ProviderClient {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration KEPT = Duration.ofHours(1);
    private static final Duration KEYS_KEPT_AT_LEAST = Duration.ofSeconds(10);

    private static final Duration FAILURE_KEPT = Duration.ofSeconds(5);

    private final Provider provider;
    private final InstantSource clock;
    private final HttpClient client;
    private volatile @Nullable Known known;
    /** Guarded by this, as the next. */
    private @Nullable CompletableFuture<Known> pending;

    private @Nullable Failure failure;

    /** What was fetched, and when. */
    private record Known(Discovery discovery, JWKSet keys, Instant at) {}

    /** Why the last fetch brought nothing, and when. */
    private record Failure(Throwable why, Instant at) {}

    ProviderClient(Provider provider, InstantSource clock) {
        this.provider = provider;
        this.clock = clock;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(TIMEOUT)
                .build();
    }

    /** What the provider is. */
    CompletableFuture<Discovery> discovery() {
        return known(KEPT).thenApply(Known::discovery);
    }

    /** Who has come back with this code; all that the provider tells of him. */
    CompletableFuture<JsonObject> redeem(String code, Attempt attempt) {
        return known(KEPT)
                .thenCompose(now -> token(now.discovery(), code, attempt))
                .thenCompose(answer -> claims(answer, attempt));
    }

    private CompletableFuture<JsonObject> claims(JsonObject answer, Attempt attempt) {
        @Nullable String token = answer.getString("id_token");
        if (token == null) {
            throw new ProviderException(
                    "token endpoint: no id_token (expected: one, as the scope openid was asked for)");
        }
        return believe(token, attempt).thenCompose(said -> {
            JsonObject claims = new JsonObject(said.toJSONObject());
            @Nullable String access = answer.getString("access_token");
            Optional<URI> more =
                    Optional.ofNullable(known).flatMap(now -> now.discovery().userInfo());
            if (claims.containsKey(provider.groupsClaim()) || access == null || more.isEmpty()) {
                return CompletableFuture.completedFuture(claims);
            }
            return userInfo(more.get(), access, claims);
        });
    }

    /** With the keys that are known, and where these do not do, with those of the moment. */
    private CompletableFuture<JWTClaimsSet> believe(String token, Attempt attempt) {
        return known(KEPT).thenCompose(now -> {
            try {
                return CompletableFuture.completedFuture(
                        IdToken.believe(token, now.keys(), provider, attempt.nonce(), clock));
            } catch (ProviderException e) {
                return known(KEYS_KEPT_AT_LEAST)
                        .thenApply(later -> IdToken.believe(token, later.keys(), provider, attempt.nonce(), clock));
            }
        });
    }

    private CompletableFuture<JsonObject> userInfo(URI endpoint, String accessToken, JsonObject claims) {
        HttpRequest.Builder request = to(endpoint).header("Authorization", "Bearer " + accessToken);
        return answer(request, "userinfo endpoint").thenApply(more -> {
            if (!claims.getString("sub").equals(more.getString("sub"))) {
                throw new ProviderException("userinfo endpoint: of another sub (expected: that of the token)");
            }
            // The token's word goes before what is told later.
            return more.mergeIn(claims);
        });
    }

    private CompletableFuture<JsonObject> token(Discovery discovery, String code, Attempt attempt) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", "authorization_code");
        form.put("code", code);
        form.put("redirect_uri", provider.redirectUri());
        form.put("client_id", provider.clientId());
        form.put("code_verifier", attempt.verifier());
        HttpRequest.Builder request = to(discovery.token()).header("Content-Type", "application/x-www-form-urlencoded");
        provider.clientSecret().ifPresent(secret -> {
            if (discovery.secretInBody()) {
                form.put("client_secret", secret);
            } else {
                String pair = encoded(provider.clientId()) + ":" + encoded(secret);
                request.header(
                        "Authorization",
                        "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
            }
        });
        return answer(request.POST(HttpRequest.BodyPublishers.ofString(query(form))), "token endpoint");
    }

    private CompletableFuture<Known> known(Duration age) {
        CompletableFuture<Known> fetching = new CompletableFuture<>();
        synchronized (this) {
            @Nullable Known now = known;
            if (now != null && clock.instant().isBefore(now.at().plus(age))) {
                return CompletableFuture.completedFuture(now);
            }
            if (pending != null) {
                return pending;
            }
            if (failure != null && clock.instant().isBefore(failure.at().plus(FAILURE_KEPT))) {
                return CompletableFuture.failedFuture(failure.why());
            }
            pending = fetching;
        }
        // Within the stage: what is thrown at once has an end, too.
        CompletableFuture.completedFuture(provider.issuer())
                .thenCompose(this::fetch)
                .whenComplete((fresh, thrown) -> {
                    synchronized (this) {
                        pending = null;
                        failure = thrown == null ? null : new Failure(thrown, clock.instant());
                        known = thrown == null ? fresh : known;
                    }
                    if (thrown == null) {
                        fetching.complete(fresh);
                    } else {
                        fetching.completeExceptionally(thrown);
                    }
                });
        return fetching;
    }

    private CompletableFuture<Known> fetch(URI issuer) {
        URI document = URI.create(issuer.toString().replaceFirst("/+$", "") + "/.well-known/openid-configuration");
        return answer(to(document), "discovery")
                .thenApply(found -> Discovery.of(found, issuer))
                .thenCompose(discovery -> answer(to(discovery.keys()), "keys").thenApply(found -> {
                    try {
                        return new Known(discovery, JWKSet.parse(found.encode()), clock.instant());
                    } catch (ParseException e) {
                        throw new ProviderException("keys: not a set of JSON Web Keys", e);
                    }
                }));
    }

    private static HttpRequest.Builder to(URI endpoint) {
        return HttpRequest.newBuilder(endpoint).timeout(TIMEOUT).header("Accept", "application/json");
    }

    private CompletableFuture<JsonObject> answer(HttpRequest.Builder builder, String what) {
        HttpRequest request = builder.build();
        return client.sendAsync(request, info -> new BoundedText()).handle((response, thrown) -> {
            if (thrown == null) {
                return object(response, what);
            }
            throw silence(request.uri(), what, thrown);
        });
    }

    private static ProviderException silence(URI asked, String what, Throwable thrown) {
        Throwable cause = thrown;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        // The address without its query; of a refused connection the class alone says what happened.
        String where = asked.getScheme() + "://" + asked.getAuthority() + asked.getPath();
        return new ProviderException(what + ": no answer from " + where + ": " + cause, thrown);
    }

    /** What an endpoint says is not shown whole: it may quote what it was sent. */
    private static JsonObject object(HttpResponse<String> response, String what) {
        JsonObject body;
        try {
            body = new JsonObject(response.body());
        } catch (DecodeException e) {
            throw new ProviderException(what + ": status " + response.statusCode() + " and no JSON object");
        }
        if (response.statusCode() != 200) {
            Object error = body.getValue("error");
            String word = error instanceof String text && text.matches("[a-z_]{1,60}") ? " " + text : "";
            throw new ProviderException(what + ": status " + response.statusCode() + word + " (expected: 200)");
        }
        return body;
    }

    static String query(Map<String, String> parameters) {
        return parameters.entrySet().stream()
                .map(each -> encoded(each.getKey()) + "=" + encoded(each.getValue()))
                .collect(Collectors.joining("&"));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
