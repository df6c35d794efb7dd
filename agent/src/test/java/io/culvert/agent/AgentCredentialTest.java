package io.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.agent.AgentCredential.Proof;
import io.culvert.link.agent.JoinToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing is shown that is not on disk, however slow that is and however many sessions ask. */
class AgentCredentialTest {
    private static final JoinToken TOKEN = new JoinToken(1, World.SECRET, new byte[JoinToken.PIN_BYTES]);

    @TempDir
    Path directory;

    private final Queue<Runnable> disk = new ArrayDeque<>();
    private Path file;
    private AgentCredential credential;
    private Proof first;

    @BeforeEach
    void exchange() throws IOException {
        file = directory.resolve("agent.credential");
        credential =
                new AgentCredential(TOKEN, new SecureRandom(), Optional.of(new CredentialFile(file, 1)), disk::add);
        first = now(credential.proof());
        credential.taken(first);
        write();
    }

    @Test
    void whatTakesTheRefusedOnesPlaceWaitsForTheDiskInEachSession() throws IOException {
        CompletableFuture<Boolean> one = credential.refused(first).toCompletableFuture();
        CompletableFuture<Boolean> other = credential.refused(first).toCompletableFuture();
        CompletableFuture<Proof> shown = credential.proof().toCompletableFuture();
        assertThat(one).isNotDone();
        assertThat(other).isNotDone();
        assertThat(shown).isNotDone();
        write();
        assertThat(one).isCompletedWithValue(true);
        assertThat(other).isCompletedWithValue(true);
        Proof second = now(shown);
        assertThat(second.credential()).isNotEqualTo(first.credential());
        assertThat(Files.readString(file)).contains("\nnew " + text(second.credential()));
        assertThat(now(credential.refused(second))).isFalse();
    }

    @Test
    void whatItIsRenewedToWaitsForTheDiskEachTimeItIsAskedFor() throws IOException {
        CompletableFuture<byte[]> one = credential.next().toCompletableFuture();
        CompletableFuture<byte[]> again = credential.next().toCompletableFuture();
        assertThat(one).isNotDone();
        assertThat(again).isNotDone();
        write();
        assertThat(now(one)).isEqualTo(now(again)).isEqualTo(now(credential.next()));
        assertThat(Files.readString(file)).contains("\nnext " + text(now(one)));
    }

    /** Nobody waits for what is only written for the next start. */
    @Test
    void whatWasTakenIsShownWhetherOrNotTheDiskKnows() {
        byte[] next = credential.next().toCompletableFuture().getNow(new byte[0]);
        assertThat(next).isEmpty();
        write();
        credential.renewed(now(credential.next()));
        assertThat(disk).hasSize(1);
        assertThat(now(credential.proof()).credential()).isNotEqualTo(first.credential());
    }

    private void write() {
        for (Runnable job = disk.poll(); job != null; job = disk.poll()) {
            job.run();
        }
    }

    private static String text(byte[] secret) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    }

    private static <T> T now(CompletionStage<T> stage) {
        CompletableFuture<T> future = stage.toCompletableFuture();
        assertThat(future).isDone();
        return future.join();
    }
}
