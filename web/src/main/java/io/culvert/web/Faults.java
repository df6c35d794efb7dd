package io.culvert.web;

import io.culvert.control.ForbiddenException;
import io.culvert.control.InvalidRequestException;
import io.culvert.control.NoSuchTunnelException;
import io.culvert.control.PortTakenException;
import io.culvert.control.QuotaException;
import io.culvert.control.StoreUnavailableException;
import io.culvert.control.ThrottledException;
import io.culvert.web.http.Fault;
import io.culvert.web.input.Refusal;
import io.culvert.web.input.SeedNames;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one table between what goes wrong inside and what HTTP calls it. Stateless, any thread. */
final class Faults {
    private static final Logger LOG = LoggerFactory.getLogger(Faults.class);

    private static final Map<Class<? extends Throwable>, Integer> STATUS = Map.of(
            ForbiddenException.class, 403,
            QuotaException.class, 409,
            ThrottledException.class, 429,
            NoSuchTunnelException.class, 404,
            PortTakenException.class, 409,
            StoreUnavailableException.class, 503);

    private Faults() {}

    /**
     * Looks up what the caller is told; whatever nobody foresaw is logged under a number, and the number is all that is told. A refusal is not logged: that
     * the store does not answer, and that it does again, the control plane logs once each, however many calls there are between.
     *
     * @param during the path, for the log
     */
    static Fault of(Throwable thrown, String during) {
        Throwable cause = thrown;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof Refusal refusal) {
            return new Fault(refusal.status(), refusal.info());
        }
        if (cause instanceof InvalidRequestException invalid) {
            String field = SeedNames.of(invalid.field());
            return new Fault(400, field + ": '" + invalid.value() + "' (expected: " + invalid.expected() + ")");
        }
        Integer status = STATUS.get(cause.getClass());
        if (status == null) {
            String reference = String.format("%08x", ThreadLocalRandom.current().nextInt());
            LOG.error("{} failed, reference {}", during, reference, cause);
            return new Fault(500, "internal error, reference " + reference + " in the server's log");
        }
        return new Fault(status, String.valueOf(cause.getMessage()));
    }
}
