package io.culvert.client.http;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;

/**
 * Calls one server. The key stands in a header and nowhere else; no redirect is followed, since it would carry the key to wherever it
 * points; an answer is bounded in time and in length. Thread-safe.
 */
public final class ApiHttp {
    // 20,000 tunnels of the longest comment fit in.
    private static final int LONGEST_ANSWER = 128 << 20;

    /** Between the tries of a call that may be repeated: long enough for a server to be started again. */
    private static final List<Duration> PAUSES =
            List.of(Duration.ofMillis(100), Duration.ofMillis(500), Duration.ofSeconds(2));

    private final URI server;
    private final Optional<String> key;
    private final Duration timeout;
    private final HttpClient http;

    /**
     * Makes no connection yet.
     *
     * @param server {@code http://HOST:PORT} or {@code https://HOST:PORT}; a path in front of {@code /api} is kept
     * @param key the access key; empty where the server asks for none
     * @param timeout how long a whole call may take, all its tries together, more than zero
     * @param tls whom to trust; empty for whom the system trusts
     */
    public ApiHttp(URI server, Optional<String> key, Duration timeout, Optional<SSLContext> tls) {
        String scheme = String.valueOf(server.getScheme());
        if ((!scheme.equalsIgnoreCase("http") && !scheme.equalsIgnoreCase("https")) || server.getHost() == null) {
            throw new IllegalArgumentException(
                    "server: '" + shown(server) + "' (expected: http://HOST:PORT or https://HOST:PORT)");
        }
        if (server.getRawUserInfo() != null || server.getRawQuery() != null || server.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    "server: '" + shown(server) + "' (expected: no user, query or fragment in it)");
        }
        if (timeout.isZero() || timeout.isNegative()) {
            throw new IllegalArgumentException("timeout: " + timeout + " (expected: more than zero)");
        }
        key.ifPresent(ApiHttp::checkKey);
        this.server = server.getRawPath().endsWith("/") ? server : URI.create(server + "/");
        this.key = key;
        this.timeout = timeout;
        HttpClient.Builder client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(timeout)
                .followRedirects(HttpClient.Redirect.NEVER);
        tls.ifPresent(client::sslContext);
        this.http = client.build();
    }

    /** With whom the system trusts. */
    public ApiHttp(URI server, Optional<String> key, Duration timeout) {
        this(server, key, timeout, Optional.empty());
    }

    /**
     * A request.
     *
     * @param path behind the server's address, without a slash in front, with its query
     * @param body JSON
     * @param repeatable true where sending it twice does what sending it once does: it is sent again where the connection broke
     */
    public record Call(
            String method, String path, Map<String, String> headers, Optional<String> body, boolean repeatable) {
        public Call {
            headers = Map.copyOf(headers);
        }

        /** A body may hold a secret. */
        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    /** What came back; any status. Where nothing came, or not in time, an {@link IOException}. */
    public HttpResponse<byte[]> send(Call call) throws IOException {
        CompletableFuture<Void> over = countdown();
        try {
            for (Duration pause : PAUSES) {
                try {
                    return once(call, over);
                } catch (HttpTimeoutException | InterruptedIOException e) {
                    throw e;
                } catch (IOException e) {
                    // Where nobody listens from the beginning, nothing was sent: better told at once.
                    boolean better = call.repeatable()
                            && !lasts(e)
                            && !(pause.equals(PAUSES.get(0)) && isOf(ConnectException.class, e));
                    if (!better || endsDuring(pause, over)) {
                        throw e;
                    }
                }
            }
            return once(call, over);
        } finally {
            over.complete(null); // its timer goes
        }
    }

    /**
     * Opens a stream that does not end by itself. The time bounds the wait for its head only.
     *
     * @param body takes what comes
     */
    public <T> HttpResponse<T> open(Call call, HttpResponse.BodyHandler<T> body) throws IOException {
        CompletableFuture<Void> over = countdown();
        try {
            return get(http.sendAsync(request(call), body), over);
        } finally {
            over.complete(null);
        }
    }

    /** Completes when the time of a call is over. */
    private CompletableFuture<Void> countdown() {
        return new CompletableFuture<Void>().completeOnTimeout(null, timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    private HttpResponse<byte[]> once(Call call, CompletableFuture<Void> over) throws IOException {
        // The HTTP client's own timeout would end with the head of the answer; this one bounds the body, too.
        return get(http.sendAsync(request(call), head -> new BoundedBytes(LONGEST_ANSWER)), over);
    }

    private <T> HttpResponse<T> get(CompletableFuture<HttpResponse<T>> response, CompletableFuture<Void> over)
            throws IOException {
        try {
            CompletableFuture.anyOf(response, over).get();
            if (!response.isDone()) {
                response.cancel(true);
                throw new HttpTimeoutException("no answer from " + server + " within " + timeout);
            }
            return response.get();
        } catch (InterruptedException e) {
            response.cancel(true);
            throw interrupted();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof BoundedBytes.TooLongException) {
                throw new IOException(cause.getMessage(), cause);
            }
            String why = cause == null ? null : cause.getMessage();
            throw new IOException("no answer from " + server + ": " + (why == null ? cause : why), cause);
        }
    }

    /** Waits; true where the call's time ends meanwhile. */
    private boolean endsDuring(Duration pause, CompletableFuture<Void> over) throws IOException {
        try {
            over.get(pause.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            throw interrupted();
        } catch (ExecutionException e) {
            throw new IOException(e);
        }
    }

    private InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted while waiting for " + server);
    }

    private HttpRequest request(Call call) {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve(call.path()));
        call.headers().forEach(request::header);
        key.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
        call.body().ifPresent(body -> request.header("Content-Type", "application/json"));
        return request.method(
                        call.method(),
                        call.body()
                                .map(HttpRequest.BodyPublishers::ofString)
                                .orElseGet(HttpRequest.BodyPublishers::noBody))
                .build();
    }

    /** The next answer would be as long, the next certificate the same. */
    private static boolean lasts(Throwable failure) {
        return isOf(BoundedBytes.TooLongException.class, failure) || isOf(CertificateException.class, failure);
    }

    private static boolean isOf(Class<? extends Throwable> kind, Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (kind.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    private static void checkKey(String key) {
        if (key.isBlank() || !key.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new IllegalArgumentException("key: not fit for a header (expected: printable ASCII without blanks)");
        }
    }

    private static String shown(URI server) {
        boolean bare =
                server.getRawUserInfo() == null && server.getRawQuery() == null && server.getRawFragment() == null;
        return bare ? server.toString() : server.getScheme() + "://…";
    }

    /** The server only. */
    @Override
    public String toString() {
        return "server=" + server + ", key=" + (key.isPresent() ? "MASKED" : "none");
    }
}
