package io.culvert.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.junit.jupiter.api.Test;

/** Room for changes in bulk, which is taken before they begin. */
class UnsentTest {
    private final Unsent unsent = new Unsent(100_000);

    @Test
    void aCallInBulkIsNotBegunWhereOthersHaveTheRoom() {
        assertThat(unsent.claim(80)).isTrue();
        assertThat(unsent.claim(80)).isFalse();
        assertThat(unsent.claim(0)).as("a change of one thing").isTrue();
        unsent.release(80);
        assertThat(unsent.claim(80)).isTrue();
    }

    @Test
    void anAnswerToAChangeHoldsTheRoomUntilItHasLeft() {
        Promise<Void> left = Promise.promise();
        assertThat(unsent.send(90_000, true, left::future)).isTrue();
        assertThat(unsent.claim(80)).isFalse();
        left.complete();
        assertThat(unsent.claim(80)).isTrue();
    }

    @Test
    void whoReadsNoListsHoldsUpNoChanges() {
        Promise<Void> never = Promise.promise();
        assertThat(unsent.send(90_000, false, never::future)).isTrue();
        assertThat(unsent.send(90_000, false, Future::succeededFuture)).isFalse();
        assertThat(unsent.claim(80)).isTrue();
    }
}
