package io.culvert.web.hook;

import io.culvert.control.hook.HookSender;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Posts events over HTTP/1.1 with the JDK's client: no redirects, no proxy, ten seconds for all of it, and of the answer's body
 * no more than 16 KiB. The address is looked up and checked by {@link io.culvert.control.hook.AddressRule} each time, just before the client connects.
 *
 * <p>The client asks for the address once more by itself and gets what the JDK remembers from the check, for 30 s. Who owns a name and hits the
 * moment between the two could be sent an event at a forbidden address; no byte of what is there ever comes out but the status.
 *
 * <p>Any thread. Threads {@code culvert-hook-N} wait for name servers; there are no more of them than posts under way, which
 * {@link io.culvert.control.hook.WebhookSettings} bounds.
 */
public final class HttpHookSender implements HookSender, AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final EventJson events = new EventJson();
    private final String agent;
    private final Duration timeout;
    private final ExecutorService threads;
    private @Nullable HttpClient client;

    /** @param version of this server, for the head {@code User-Agent} */
    public HttpHookSender(String version) {
        this(version, TIMEOUT);
    }

    /** @param timeout for a whole post, more than zero */
    HttpHookSender(String version, Duration timeout) {
        this.agent = "Culvert/" + version;
        this.timeout = timeout;
        AtomicInteger number = new AtomicInteger();
        this.threads = Executors.newCachedThreadPool(work -> {
            Thread thread = new Thread(work, "culvert-hook-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Made for the first post: a fifteenth of a server's start, and many have no webhooks. */
    private synchronized HttpClient client() {
        HttpClient made = client;
        if (made == null) {
            made = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .proxy(HttpClient.Builder.NO_PROXY)
                    .connectTimeout(timeout)
                    .executor(threads)
                    .build();
            client = made;
        }
        return made;
    }

    @Override
    public CompletionStage<Integer> send(Call call) {
        CompletableFuture<Integer> result = new CompletableFuture<>();
        threads.execute(() -> {
            try {
                check(call);
                CompletableFuture<HttpResponse<@Nullable Void>> answer =
                        client().sendAsync(request(call), head -> new BoundedDiscard());
                var unused = answer.whenComplete((response, failure) -> {
                    if (failure == null) {
                        result.complete(response.statusCode());
                    } else {
                        result.completeExceptionally(failure);
                    }
                });
                // Also where a body trickles: the client's own time-out ends with the head.
                var unused2 = result.whenComplete((status, failure) -> answer.cancel(true));
            } catch (IOException | RuntimeException e) {
                result.completeExceptionally(e);
            }
        });
        return result.orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS).exceptionallyCompose(why -> {
            return CompletableFuture.failedFuture(new IOException(inPlainWords(call.url(), why)));
        });
    }

    /** Lets go of its threads; posts under way fail. */
    @Override
    public void close() {
        threads.shutdownNow();
    }

    private HttpRequest request(Call call) {
        byte[] body = events.bytes(call.event());
        return HttpRequest.newBuilder(call.url())
                .timeout(timeout)
                .header("Content-Type", "application/json")
                .header("User-Agent", agent)
                .header("Culvert-Event", EventJson.kind(call.event()))
                .header("Culvert-Delivery", call.delivery())
                .header("Culvert-Signature", Signature.of(call.secret(), call.at(), body))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
    }

    /** Every address of the name must do: nobody knows which one the client takes. */
    private static void check(Call call) throws IOException {
        for (InetAddress address : InetAddress.getAllByName(call.url().getHost())) {
            Optional<String> refusal = call.rule().refusal(address);
            if (refusal.isPresent()) {
                throw new IOException("not sent: " + refusal.get());
            }
        }
    }

    private String inPlainWords(URI url, Throwable failure) {
        Throwable why = failure;
        while (why instanceof CompletionException && why.getCause() != null) {
            why = why.getCause();
        }
        if (why instanceof TimeoutException || why instanceof HttpTimeoutException) {
            return "no answer within " + timeout.toMillis() / 1000.0 + " s";
        }
        if (why instanceof UnknownHostException || why.getCause() instanceof UnresolvedAddressException) {
            return url.getHost() + " is not known";
        }
        if (why instanceof ConnectException) {
            return "connection refused, or no way there";
        }
        if (why instanceof SSLException) {
            return "TLS: " + why.getMessage();
        }
        return why.getMessage() == null ? why.getClass().getSimpleName() : why.getMessage();
    }
}
