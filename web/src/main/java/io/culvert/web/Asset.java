package io.culvert.web;

import io.culvert.web.http.Responses;
import io.culvert.web.http.Unsent;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * One file of the page, as it goes to browsers: plain and compressed, each under a tag of its own. It is read and compressed when a browser first asks: a
 * server whose page nobody opens needs neither the time nor the megabyte. Any thread.
 */
final class Asset {
    // Nothing is told to run, to be shown or to be called but our own files, and no text ever becomes markup:
    // a script that would write innerHTML is stopped by the browser, but for Lit, whose templates are constants.
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
                    + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
                    + "trusted-types lit-html";

    private final String type;
    private final Supplier<byte[]> source;
    private volatile @Nullable Forms forms;

    /** @param compressed empty where it would be no smaller */
    private record Forms(Body plain, Optional<Body> compressed) {}

    private static final class Body {
        private final byte[] bytes;
        private final String tag;

        private Body(byte[] bytes, String tag) {
            this.bytes = bytes;
            this.tag = '"' + tag + '"';
        }
    }

    /** @param source reads the file; may run more than once */
    Asset(String type, Supplier<byte[]> source) {
        this.type = type;
        this.source = source;
    }

    private Forms forms() {
        Forms known = forms;
        if (known == null) {
            byte[] bytes = source.get();
            String tag = digest(bytes);
            byte[] small = gzip(bytes);
            known = new Forms(
                    new Body(bytes, tag),
                    small.length < bytes.length ? Optional.of(new Body(small, tag + "-gzip")) : Optional.empty());
            forms = known;
        }
        return known;
    }

    /** Answers a GET or a HEAD. Only the request's loop may call. */
    void send(HttpServerRequest request, Unsent unsent) {
        Forms known = forms();
        boolean small = known.compressed().isPresent() && takesGzip(request.getHeader("Accept-Encoding"));
        Body body = small ? known.compressed().get() : known.plain();
        HttpServerResponse response = request.response();
        if (body.tag.equals(request.getHeader("If-None-Match"))) {
            head(response, body);
            response.putHeader("Referrer-Policy", "no-referrer")
                    .setStatusCode(304)
                    .end();
            return;
        }
        // Nobody is asked for a name here.
        String who = request.remoteAddress().hostAddress();
        boolean head = request.method().equals(HttpMethod.HEAD);
        boolean sent = Responses.send(response, head, body.bytes, unsent, who, () -> {
            head(response, body);
            if (small) {
                response.putHeader("Content-Encoding", "gzip");
            }
        });
        if (!sent) {
            Responses.tooMuchUnsent(request);
        }
    }

    private void head(HttpServerResponse response, Body body) {
        response.putHeader("Content-Type", type)
                .putHeader("Content-Security-Policy", POLICY)
                .putHeader("Vary", "Accept-Encoding")
                .putHeader("ETag", body.tag)
                // An update of the server must reach an open browser: ask each time, which costs a 304.
                .putHeader("Cache-Control", "no-cache");
    }

    /** Whether gzip stands in a list of encodings and is not refused by {@code q=0}. */
    static boolean takesGzip(@Nullable String accepted) {
        if (accepted == null) {
            return false;
        }
        for (String each : accepted.toLowerCase(Locale.ROOT).split(",", -1)) {
            String[] parts = each.split(";", -1);
            if (parts[0].strip().equals("gzip")) {
                return parts.length == 1 || !parts[1].strip().matches("q\\s*=\\s*0(\\.0*)?");
            }
        }
        return false;
    }

    private static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes), 0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream small = new ByteArrayOutputStream(bytes.length / 2 + 64);
        try (GZIPOutputStream out = new BestGzip(small)) {
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return small.toByteArray();
    }

    /** The JDK's, which hides its level. */
    private static final class BestGzip extends GZIPOutputStream {
        private BestGzip(ByteArrayOutputStream out) throws IOException {
            super(out);
            def.setLevel(Deflater.BEST_COMPRESSION);
        }
    }
}
