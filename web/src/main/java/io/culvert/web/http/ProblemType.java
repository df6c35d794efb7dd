package io.culvert.web.http;

import java.util.Locale;

/** What may go wrong, as callers of {@code /api/v1} are told it. A name, once given out, never changes its meaning. */
public enum ProblemType {
    INVALID_REQUEST(
            400,
            "The request cannot be carried out as it is",
            "A parameter, a header or a field of the body has a value that cannot be, is not known, or is missing. errors names each that was "
                    + "found, what was said and what was expected. Sending it again as it is will not help."),
    UNAUTHORIZED(
            401,
            "No good key",
            "The request carries no Authorization: Bearer KEY, or a key that this server does not know. Keys do not belong into a URL."),
    SECOND_FACTOR(
            401,
            "A code is missing",
            "Name and password are right, and this user has a second factor: send the code of the moment, or a recovery code, with them."),
    FORBIDDEN(
            403,
            "Not allowed",
            "The caller may know of this and may not do it: a role, or the scopes of a key, do not bring the permission that detail names. Or "
                    + "this server asks for no key, so it serves programs of its own machine only: the request came by another name than localhost, or "
                    + "from a web page of elsewhere. Start the server with a key to use it from other places."),
    NOT_FOUND(404, "Not found", "There is no such path, connection, session, reservation or webhook, or not any more."),
    NO_SUCH_TUNNEL(
            404,
            "No such tunnel",
            "No living tunnel has this number. One that ended stays readable for a day, but cannot be changed. Numbers are never used again."),
    METHOD_NOT_ALLOWED(
            405, "Not this method", "The path exists, but not with this method; the Allow header says with which."),
    REQUEST_TIMEOUT(
            408,
            "Not complete in time",
            "The request did not come to its end in time. Send it again on a new connection."),
    PORT_TAKEN(
            409,
            "The port is not to be had",
            "A port that was asked for is held, reserved or at rest; detail says who has it. Or a free one was asked for and the pool has none "
                    + "left. Nothing was changed."),
    QUOTA(
            409,
            "The project has no more",
            "The project has as many tunnels or ports as it may have, or the server as many tunnels; detail says how many. GET "
                    + "/projects/{project} tells what is used. Nothing was changed."),
    CONFLICT(
            409,
            "In conflict with what is there",
            "The name is another tunnel's, or the idempotency key came with another request before, or the tunnel has ended. Nothing was "
                    + "changed."),
    STALE_VERSION(
            412,
            "It was changed since",
            "If-Match names a version that is not the present one: somebody else was faster. Read the tunnel again, and decide anew. Nothing was "
                    + "changed."),
    BODY_TOO_LONG(
            413, "The body is too long", "The body is longer than this operation takes; GET /server tells the limits."),
    URI_TOO_LONG(414, "The address is too long", "The request line is longer than 8 KiB."),
    UNSUPPORTED_MEDIA_TYPE(
            415,
            "Not this kind of body",
            "The body must be JSON and say so: Content-Type: application/json, without an encoding."),
    THROTTLED(
            429,
            "Too many tries",
            "Too many wrong credentials came from this address, so none of it are looked at until Retry-After seconds are over."),
    HEADERS_TOO_LONG(431, "The headers are too long", "All headers together are longer than 16 KiB."),
    INTERNAL_ERROR(
            500,
            "A fault of the server",
            "Something happened that nobody foresaw. detail carries a number under which the server's log tells more; please report it."),
    UNAVAILABLE(
            503,
            "Not at this moment",
            "The database does not answer, too much is waiting, or the server is starting, stopping or draining. Open connections and leases go "
                    + "on. Nothing was changed; try again after Retry-After seconds.");

    private final int status;
    private final String title;
    private final String explanation;

    ProblemType(int status, String title, String explanation) {
        this.status = status;
        this.title = title;
        this.explanation = explanation;
    }

    /** The HTTP status, 400 to 599. */
    public int status() {
        return status;
    }

    /** A few words, the same each time. */
    public String title() {
        return title;
    }

    /** What it means and what to do, for people. */
    public String explanation() {
        return explanation;
    }

    /** The name within the page that explains it. */
    public String anchor() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The {@code type} of its documents, relative to the server. */
    public String uri() {
        return "/docs/problems#" + anchor();
    }

    /** What a bare status is called. */
    static ProblemType ofStatus(int status) {
        return switch (status) {
            case 401 -> UNAUTHORIZED;
            case 403 -> FORBIDDEN;
            case 404 -> NOT_FOUND;
            case 405 -> METHOD_NOT_ALLOWED;
            case 408 -> REQUEST_TIMEOUT;
            case 409 -> CONFLICT;
            case 412 -> STALE_VERSION;
            case 413 -> BODY_TOO_LONG;
            case 414 -> URI_TOO_LONG;
            case 415 -> UNSUPPORTED_MEDIA_TYPE;
            case 429 -> THROTTLED;
            case 431 -> HEADERS_TOO_LONG;
            case 503 -> UNAVAILABLE;
            default -> status >= 500 ? INTERNAL_ERROR : INVALID_REQUEST;
        };
    }
}
