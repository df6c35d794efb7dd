package io.culvert.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.junit.jupiter.api.Test;

/** Who finds room for a long answer, and for a change in bulk, whose room is taken before it begins. */
class UnsentTest {
    private static final String ANN = "ann";
    private static final String BOB = "bob";

    private final Unsent unsent = new Unsent(100_000);

    @Test
    void aCallInBulkIsNotBegunWhereOthersHaveTheRoom() {
        assertThat(unsent.claim(ANN, 80)).isTrue();
        assertThat(unsent.claim(BOB, 80)).isFalse();
        assertThat(unsent.claim(BOB, 0)).as("a change of one thing").isTrue();
        unsent.release(ANN, 80);
        assertThat(unsent.claim(BOB, 80)).isTrue();
    }

    @Test
    void anAnswerToAChangeHoldsTheRoomUntilItHasLeft() {
        Promise<Void> left = Promise.promise();
        assertThat(unsent.send(ANN, 90_000, true, left::future)).isTrue();
        assertThat(unsent.claim(BOB, 80)).isFalse();
        left.complete();
        assertThat(unsent.claim(BOB, 80)).isTrue();
    }

    @Test
    void whoReadsNoListsHoldsUpNoChanges() {
        Promise<Void> never = Promise.promise();
        assertThat(unsent.send(ANN, 90_000, false, never::future)).isTrue();
        assertThat(unsent.send(BOB, 90_000, false, Future::succeededFuture)).isFalse();
        assertThat(unsent.claim(ANN, 80)).isTrue();
    }

    @Test
    void oneAloneGetsHalf() {
        Promise<Void> never = Promise.promise();
        assertThat(unsent.send(ANN, 30_000, false, never::future)).isTrue();
        assertThat(unsent.send(ANN, 30_000, false, never::future)).isFalse();
        assertThat(unsent.send(BOB, 30_000, false, never::future)).isTrue();
        assertThat(unsent.claim(ANN, 20)).isTrue();
        assertThat(unsent.claim(ANN, 40)).isFalse();
        assertThat(unsent.claim(BOB, 40)).isTrue();
    }

    @Test
    void whatFailsToBeSentHoldsNothing() {
        RuntimeException fault = new IllegalStateException("the connection is closed");
        assertThatThrownBy(() -> unsent.send(ANN, 90_000, false, () -> {
                    throw fault;
                }))
                .isSameAs(fault);
        assertThat(unsent.send(BOB, 90_000, false, Future::succeededFuture)).isTrue();
        assertThat(unsent.send(ANN, 90_000, false, Future::succeededFuture)).isTrue();
    }
}
