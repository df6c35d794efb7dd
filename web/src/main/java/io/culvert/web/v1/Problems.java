package io.culvert.web.v1;

import io.culvert.control.ConflictException;
import io.culvert.control.ControlException;
import io.culvert.control.ForbiddenException;
import io.culvert.control.InvalidRequestException;
import io.culvert.control.NoSuchTokenException;
import io.culvert.control.NoSuchTunnelException;
import io.culvert.control.NoSuchWebhookException;
import io.culvert.control.NotFoundException;
import io.culvert.control.PortTakenException;
import io.culvert.control.QuotaException;
import io.culvert.control.SecondFactorException;
import io.culvert.control.StaleVersionException;
import io.culvert.control.StoreUnavailableException;
import io.culvert.control.ThrottledException;
import io.culvert.control.UnauthorizedException;
import io.culvert.web.http.Fault;
import io.culvert.web.http.Problem;
import io.culvert.web.http.ProblemException;
import io.culvert.web.http.ProblemType;
import io.culvert.web.input.Refusal;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one table between what goes wrong inside and the problems that callers are told. Stateless, any thread. */
public final class Problems {
    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

    private Problems() {}

    /**
     * Looks up what the caller is told; whatever nobody foresaw is logged under a number, and the number is all that is told.
     *
     * @param during the operation, for the log
     */
    public static Problem of(Throwable thrown, String during) {
        Throwable cause = cause(thrown);
        if (cause instanceof ControlException refused) {
            return of(refused);
        }
        if (cause instanceof ProblemException refused) {
            return refused.problem();
        }
        if (cause instanceof Refusal refused) {
            return Problem.of(new Fault(refused.status(), refused.info()));
        }
        String reference = String.format("%08x", ThreadLocalRandom.current().nextInt());
        LOG.error("{} failed, reference {}", during, reference, cause);
        return Problem.of(
                ProblemType.INTERNAL_ERROR, "internal error, reference " + reference + " in the server's log");
    }

    /** What went wrong itself, without what futures wrap it in. */
    static Throwable cause(Throwable thrown) {
        Throwable cause = thrown;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** What was refused by the control plane. */
    static Problem of(ControlException refused) {
        String detail = String.valueOf(refused.getMessage());
        if (refused instanceof InvalidRequestException invalid) {
            return Problem.of(List.of(
                    new Problem.Flaw(invalid.field().pointer(), Optional.of(invalid.value()), invalid.expected())));
        }
        if (refused instanceof ThrottledException throttled) {
            return Problem.of(ProblemType.THROTTLED, detail, throttled.retryAfterSeconds());
        }
        return Problem.of(type(refused), detail);
    }

    private static ProblemType type(ControlException refused) {
        if (refused instanceof PortTakenException) {
            return ProblemType.PORT_TAKEN;
        }
        if (refused instanceof ConflictException) {
            return ProblemType.CONFLICT;
        }
        if (refused instanceof StaleVersionException) {
            return ProblemType.STALE_VERSION;
        }
        if (refused instanceof NoSuchTunnelException) {
            return ProblemType.NO_SUCH_TUNNEL;
        }
        if (refused instanceof QuotaException) {
            return ProblemType.QUOTA;
        }
        if (refused instanceof ForbiddenException) {
            return ProblemType.FORBIDDEN;
        }
        if (refused instanceof UnauthorizedException) {
            return ProblemType.UNAUTHORIZED;
        }
        if (refused instanceof SecondFactorException) {
            return ProblemType.SECOND_FACTOR;
        }
        if (refused instanceof NoSuchWebhookException
                || refused instanceof NoSuchTokenException
                || refused instanceof NotFoundException) {
            return ProblemType.NOT_FOUND;
        }
        if (refused instanceof StoreUnavailableException) {
            return ProblemType.UNAVAILABLE;
        }
        return ProblemType.INVALID_REQUEST;
    }
}
