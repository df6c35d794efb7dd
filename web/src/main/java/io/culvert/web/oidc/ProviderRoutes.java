package io.culvert.web.oidc;

import io.culvert.control.ConflictException;
import io.culvert.control.ControlException;
import io.culvert.control.ForbiddenException;
import io.culvert.control.Ticker;
import io.culvert.control.access.ExternalUser;
import io.culvert.control.access.Logins;
import io.culvert.control.access.Origin;
import io.culvert.control.access.SignedIn;
import io.culvert.web.caller.Guest;
import io.culvert.web.caller.LoginCookie;
import io.culvert.web.caller.Reception;
import io.culvert.web.caller.Sender;
import io.culvert.web.caller.Witness;
import io.culvert.web.http.Cut;
import io.culvert.web.http.Peer;
import io.culvert.web.http.Responses;
import io.culvert.web.http.Seldom;
import io.culvert.web.v1.Problems;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The two addresses of a sign-in with a provider: the one that sends a browser there, and the one that it comes back to. What went wrong is in
 * the log, what strangers bring about one line of a kind in a second; the browser lands on the page for signing in with one word of it. Thread-safe; never waits.
 */
public final class ProviderRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(ProviderRoutes.class);
    private static final String START = "/ui/oidc/start";
    private static final String DONE = "/ui/manager";
    private static final String FAILED = "/ui/login?failed=";
    /** What the audit calls it, however somebody signs in. */
    private static final String OPERATION = "signIn";

    private static final int MOST_GROUPS = 1_000;

    /** From one line in the log to the next of its kind: strangers bring them about, without any credential. */
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(1);

    private final Provider provider;
    private final ProviderClient client;
    private final Logins logins;
    private final Reception reception;
    private final Witness witness;
    private final Ticker ticker;
    private final SecureRandom random;
    private final Seldom inTheClear = new Seldom(BETWEEN_LINES);
    private final Seldom notAskedFor = new Seldom(BETWEEN_LINES);
    private final Seldom refusals = new Seldom(BETWEEN_LINES);
    private final Seldom unreached = new Seldom(BETWEEN_LINES);
    private final Seldom failures = new Seldom(BETWEEN_LINES);

    public ProviderRoutes(
            Provider provider,
            Logins logins,
            Reception reception,
            Witness witness,
            InstantSource clock,
            Ticker ticker,
            SecureRandom random) {
        this.provider = provider;
        this.client = new ProviderClient(provider, clock);
        this.logins = logins;
        this.reception = reception;
        this.witness = witness;
        this.ticker = ticker;
        this.random = random;
    }

    /** Gives both their addresses. */
    public void mount(Router router) {
        router.route(START).handler(context -> reading(context, this::start));
        router.route(Provider.CALLBACK).handler(context -> reading(context, this::callback));
    }

    private static void reading(RoutingContext context, Consumer<HttpServerRequest> work) {
        HttpServerRequest request = context.request();
        if (request.method().equals(HttpMethod.GET)) {
            work.accept(request);
        } else {
            Responses.methodNotAllowed(request, List.of(HttpMethod.GET));
        }
    }

    private void start(HttpServerRequest request) {
        Sender sender = reception.sender(request);
        if (!sender.peer().isPrivate()) {
            if (inTheClear.isDue(ticker.nanos())) {
                LOG.warn(
                        "sign-in with {}: asked for by plain http from {}",
                        provider.issuer(),
                        sender.peer().address());
            }
            lead(request, FAILED + "http", List.of());
            return;
        }
        Attempt attempt = Attempt.begin(random);
        answer(request, unreached, client.discovery(), discovery -> {
            Map<String, String> query = new LinkedHashMap<>();
            query.put("response_type", "code");
            query.put("client_id", provider.clientId());
            query.put("redirect_uri", provider.redirectUri());
            query.put("scope", "openid profile");
            query.put("state", attempt.state());
            query.put("nonce", attempt.nonce());
            query.put("code_challenge", attempt.challenge());
            query.put("code_challenge_method", "S256");
            String base = discovery.authorization().toString();
            lead(
                    request,
                    base + (base.indexOf('?') < 0 ? "?" : "&") + ProviderClient.query(query),
                    List.of(attempt.cookie(sender.peer())));
        });
    }

    private void callback(HttpServerRequest request) {
        Sender sender = reception.sender(request);
        Optional<Attempt> attempt = Attempt.read(request.headers(), sender.peer());
        String state = parameter(request, "state");
        if (attempt.isEmpty() || !attempt.get().isAnsweredBy(state)) {
            if (notAskedFor.isDue(ticker.nanos())) {
                LOG.warn(
                        "sign-in with {}: an answer that this browser did not ask for, from {}",
                        provider.issuer(),
                        sender.peer().address());
            }
            lead(request, FAILED + "state", List.of(Attempt.gone(sender.peer())));
            return;
        }
        String error = parameter(request, "error");
        String code = parameter(request, "code");
        if (!error.isEmpty() || code.isEmpty()) {
            if (refusals.isDue(ticker.nanos())) {
                LOG.info(
                        "sign-in with {}: refused there: {}",
                        provider.issuer(),
                        error.matches("[a-z_]{1,60}") ? error : "no code");
            }
            lead(request, FAILED + "refused", List.of(Attempt.gone(sender.peer())));
            return;
        }
        String issuer = parameter(request, "iss");
        Guest asking = reception.anybody(request);
        answer(
                request,
                failures,
                client.discovery()
                        .thenCompose(discovery -> {
                            boolean wrong = issuer.isEmpty()
                                    ? discovery.namesIssuer()
                                    : !issuer.equals(provider.issuer().toString());
                            if (wrong) {
                                throw new ProviderException(
                                        "answer: not by " + provider.issuer() + " (expected: its own name as iss)");
                            }
                            return client.redeem(code, attempt.get());
                        })
                        .thenCompose(claims -> signIn(user(claims), sender, asking)),
                in -> lead(request, DONE, welcome(in, sender.peer())));
    }

    /** Written down either way. Only whom the provider vouches for gets this far, so that strangers cannot grow the audit. */
    private CompletionStage<SignedIn> signIn(ExternalUser user, Sender sender, Guest asking) {
        String target = "user/" + logins.nameOf(user);
        return logins.signIn(user, new Origin(sender.peer().address(), sender.agent()))
                .whenComplete((in, thrown) -> {
                    if (thrown == null) {
                        witness.done(
                                reception.entered(in.secret(), sender.peer()),
                                OPERATION,
                                target,
                                Optional.empty(),
                                Optional.of(new JsonObject()
                                        .put("provider", provider.issuer().toString())
                                        .encode()));
                    } else {
                        witness.refused(
                                asking,
                                OPERATION,
                                target,
                                Problems.of(thrown, OPERATION).type().anchor());
                    }
                });
    }

    private static List<String> welcome(SignedIn in, Peer peer) {
        Duration life = Duration.between(
                in.visit().login().created(), in.visit().login().ends());
        return List.of(LoginCookie.set(peer, in.secret(), life), Attempt.gone(peer));
    }

    private ExternalUser user(JsonObject claims) {
        String subject = claims.getString("sub");
        Set<String> groups = groups(claims.getValue(provider.groupsClaim()));
        Provider.Standing standing = provider.standing().apply(groups);
        String said = Optional.ofNullable(claims.getValue("preferred_username"))
                .or(() -> Optional.ofNullable(claims.getValue("email")))
                .map(String::valueOf)
                .orElse(subject);
        String name = said.toLowerCase(Locale.ROOT).replaceAll("@.*", "").replaceAll("[^a-z0-9._-]+", "-");
        Object title = claims.getValue("name", "");
        return new ExternalUser(
                provider.issuer() + " " + subject,
                cut(name, 64),
                cut(String.valueOf(title).replaceAll("\\p{Cntrl}", ""), 200),
                standing.admin(),
                standing.roles());
    }

    /** A list of texts, or one text. */
    private static Set<String> groups(@Nullable Object claim) {
        Set<String> groups = new HashSet<>();
        if (claim instanceof JsonArray list) {
            list.stream()
                    .limit(MOST_GROUPS)
                    .filter(String.class::isInstance)
                    .forEach(each -> groups.add((String) each));
        } else if (claim instanceof String one) {
            groups.add(one);
        }
        return groups;
    }

    private static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most);
    }

    private <T> void answer(HttpServerRequest request, Seldom lines, CompletableFuture<T> stage, Consumer<T> then) {
        Context loop = Vertx.currentContext();
        stage.whenComplete((result, thrown) -> loop.runOnContext(here -> Cut.onFailure(request, () -> {
            if (thrown == null) {
                then.accept(result);
            } else {
                fail(request, lines, thrown);
            }
        })));
    }

    private void fail(HttpServerRequest request, Seldom lines, Throwable thrown) {
        Throwable cause = thrown;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        boolean foreseen = cause instanceof ProviderException || cause instanceof ControlException;
        // Who comes with a token, or has one that is good, is no stranger.
        boolean known = cause instanceof TokenException || cause instanceof ControlException;
        if (known || lines.isDue(ticker.nanos())) {
            LOG.warn("sign-in with {}: {}", provider.issuer(), foreseen ? cause.getMessage() : cause.toString());
        }
        lead(
                request,
                FAILED + word(cause),
                List.of(Attempt.gone(reception.sender(request).peer())));
    }

    private static String word(Throwable cause) {
        if (cause instanceof ConflictException) {
            return "name";
        }
        if (cause instanceof ForbiddenException) {
            return "groups";
        }
        return cause instanceof ControlException ? "refused" : "provider";
    }

    private static String parameter(HttpServerRequest request, String name) {
        List<String> values = request.params().getAll(name);
        return values.size() == 1 ? values.get(0) : "";
    }

    private static void lead(HttpServerRequest request, String where, List<String> cookies) {
        if (request.response().ended() || request.response().closed()) {
            return;
        }
        request.response().setStatusCode(303).putHeader("Location", where).putHeader("Cache-Control", "no-store");
        cookies.forEach(each -> request.response().headers().add("Set-Cookie", each));
        Responses.send(request.response(), true, new byte[0]);
    }
}
