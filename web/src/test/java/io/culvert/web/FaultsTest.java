package io.culvert.web;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.culvert.control.InvalidRequestException;
import io.culvert.control.NoSuchTunnelException;
import io.culvert.control.PortTakenException;
import io.culvert.control.StoreUnavailableException;
import io.culvert.web.http.Fault;
import io.culvert.web.input.Refusal;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class FaultsTest {
    @Test
    void eachFaultHasItsStatus() {
        assertThat(Faults.of(new InvalidRequestException("id", "x", "a number"), "test"))
                .isEqualTo(new Fault(400, "id: 'x' (expected: a number)"));
        assertThat(Faults.of(new NoSuchTunnelException(7), "test").status()).isEqualTo(404);
        assertThat(Faults.of(new PortTakenException("taken"), "test")).isEqualTo(new Fault(409, "taken"));
        assertThat(Faults.of(new StoreUnavailableException(new IllegalStateException("disk")), "test"))
                .satisfies(fault -> assertThat(fault.status()).isEqualTo(503))
                .satisfies(fault -> assertThat(fault.info()).doesNotContain("disk"));
        assertThat(Faults.of(new Refusal(415, "type"), "test")).isEqualTo(new Fault(415, "type"));
        assertThat(Faults.of(new CompletionException(new PortTakenException("taken")), "test")
                        .status())
                .isEqualTo(409);
    }

    @Test
    void whatNobodyForesawIsToldAsANumberOnly() {
        Fault fault = Faults.of(new CompletionException(new IllegalStateException("jdbc:secret")), "test");
        assertThat(fault.status()).isEqualTo(500);
        assertThat(fault.info()).matches("internal error, reference [0-9a-f]{8} in the server's log");
    }

    /** As many as callers like: a server that is busy must not write a stack trace for each whom it turns away. */
    @Test
    void whatIsRefusedForTheMomentIsNoLineInTheLog() {
        Logger logger = (Logger) LoggerFactory.getLogger(Faults.class);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        try {
            assertThat(Faults.of(new StoreUnavailableException("the server is busy"), "test"))
                    .isEqualTo(new Fault(503, "the server is busy"));
            assertThat(Faults.of(new StoreUnavailableException(new IllegalStateException("disk")), "test")
                            .status())
                    .isEqualTo(503);
            assertThat(log.list).isEmpty();
        } finally {
            logger.detachAppender(log);
        }
    }
}
