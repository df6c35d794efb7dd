package io.culvert.web.http;

import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;

/** The headers of every answer, whatever it is: they keep a browser from making more of it than it is. Stateless, any thread. */
public final class Guard {
    /** What an answer may do that is no page: nothing. A page says something else. */
    private static final String POLICY =
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final String NO_PERMISSIONS =
            "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
                    + "microphone=(), midi=(), payment=(), publickey-credentials-get=(), screen-wake-lock=(), usb=()";
    private static final String HTTPS_ONLY = "max-age=" + Duration.ofDays(365).toSeconds();

    private Guard() {}

    /**
     * Puts them on an answer that is still to be made.
     *
     * @param httpsOnly true where browsers are told to come by HTTPS alone for a year from now on
     */
    public static void on(HttpServerResponse response, boolean httpsOnly) {
        response.putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader("Content-Security-Policy", POLICY)
                .putHeader("X-Frame-Options", "DENY")
                .putHeader("Permissions-Policy", NO_PERMISSIONS)
                .putHeader("Cross-Origin-Opener-Policy", "same-origin")
                .putHeader("Cross-Origin-Resource-Policy", "same-origin");
        if (httpsOnly) {
            response.putHeader("Strict-Transport-Security", HTTPS_ONLY);
        }
    }
}
