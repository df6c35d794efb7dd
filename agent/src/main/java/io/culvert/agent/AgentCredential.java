package io.culvert.agent;

import io.culvert.link.agent.AgentMessage;
import io.culvert.link.agent.JoinToken;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an agent shows at the server's door. It draws the secret of its session credential itself, and has it on disk (where it keeps one)
 * before any server hears of it: whatever crashes between the exchange and its answer, the agent comes back with the same
 * secret, and the server knows it. Any thread; the disk is waited for by an executor.
 *
 * <pre>
 *   new: shows token and credential ── welcome, "renew in" ──> held: shows the credential alone
 *    ^                                                           │ refused
 *    └───────────────── draws another ◄──────────────────────────┴──> the next one, where a renewal was under way
 * </pre>
 */
final class AgentCredential {
    static final int BYTES = AgentMessage.CREDENTIAL_BYTES;

    private static final Logger log = LoggerFactory.getLogger(AgentCredential.class);

    /**
     * What is kept.
     *
     * @param held whether a server is known to have taken {@code current}
     * @param next what {@code current} is being replaced by
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Kept(byte[] current, boolean held, byte @Nullable [] next) {
        @Override
        public String toString() {
            return "Kept[held=" + held + "]";
        }
    }

    /**
     * What to say in a hello.
     *
     * @param secret of the join token; empty where the credential stands for it
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Proof(byte[] secret, byte[] credential) {
        @Override
        public String toString() {
            return "Proof[MASKED]";
        }
    }

    private final JoinToken token;
    private final SecureRandom random;
    private final Optional<CredentialFile> file;
    private final Executor disk;
    // Guarded by this.
    private Kept kept;
    /** Done once what was drawn last is on disk. Guarded by this. */
    private CompletionStage<Boolean> drawn = CompletableFuture.completedStage(true);

    /**
     * Takes up what the file has, or draws a credential and writes it. Waits for the disk.
     *
     * @param disk runs later writes, one after the other
     * @throws IOException where the file cannot be used
     */
    AgentCredential(JoinToken token, SecureRandom random, Optional<CredentialFile> file, Executor disk)
            throws IOException {
        this.token = token;
        this.random = random;
        this.file = file;
        this.disk = disk;
        Optional<Kept> found = file.isPresent() ? file.get().read() : Optional.empty();
        this.kept = found.orElseGet(() -> new Kept(draw(), false, null));
        if (file.isPresent() && found.isEmpty()) {
            file.get().write(kept);
        }
    }

    private byte[] draw() {
        byte[] secret = new byte[BYTES];
        random.nextBytes(secret);
        return secret;
    }

    /** What to show now. On disk when the stage completes. */
    synchronized CompletionStage<Proof> proof() {
        Proof proof = new Proof(
                kept.held() ? new byte[0] : token.secret(), kept.current().clone());
        return drawn.thenApply(done -> proof);
    }

    /** The credential by itself, whether or not a server has taken it or the disk has it. */
    synchronized byte[] present() {
        return kept.current().clone();
    }

    /** The server let the agent in by this, and keeps its credential. */
    synchronized void taken(Proof shown) {
        if (!kept.held() && Arrays.equals(shown.credential(), kept.current())) {
            kept = new Kept(kept.current(), true, kept.next());
            // A crash before it is written does no harm: token and
            // credential are shown once more, and the latter counts.
            var unused = save();
        }
    }

    /**
     * The server does not take this, for good. Completes with whether there is something else to show; that is on disk then.
     */
    synchronized CompletionStage<Boolean> refused(Proof shown) {
        if (!Arrays.equals(shown.credential(), kept.current())) {
            // Another session was refused before.
            return drawn;
        }
        if (!kept.held()) {
            return CompletableFuture.completedStage(false);
        }
        byte @Nullable [] next = kept.next();
        // Never the same again: what was revoked or ran out may be known to others.
        kept = next == null ? new Kept(draw(), false, null) : new Kept(next, true, null);
        drawn = save();
        return drawn;
    }

    /** The secret that the present one is to be replaced by; the same until it is. On disk when the stage completes. */
    synchronized CompletionStage<byte[]> next() {
        byte @Nullable [] before = kept.next();
        byte[] next = before == null ? draw() : before.clone();
        if (before == null) {
            kept = new Kept(kept.current(), kept.held(), next.clone());
            drawn = save();
        }
        return drawn.thenApply(done -> next);
    }

    /** The server has put this in the place of the present one. */
    synchronized void renewed(byte[] next) {
        byte @Nullable [] expected = kept.next();
        if (expected != null && Arrays.equals(next, expected)) {
            kept = new Kept(expected, true, null);
            var unused = save();
        }
    }

    /** Writes what is kept when its turn comes: the last word wins. Completes with true. */
    private CompletionStage<Boolean> save() {
        if (file.isEmpty()) {
            return CompletableFuture.completedStage(true);
        }
        try {
            return CompletableFuture.supplyAsync(this::write, disk);
        } catch (RejectedExecutionException e) {
            // The agent ends. What is on disk brings it back: each step is written before the server hears of it.
            return CompletableFuture.completedStage(true);
        }
    }

    private boolean write() {
        Kept now;
        synchronized (this) {
            now = kept;
        }
        try {
            file.orElseThrow().write(now);
        } catch (IOException | RuntimeException e) {
            // The agent serves on; only its own restart may need another token.
            log.error("the credential could not be kept: {}", e.toString());
        }
        return true;
    }
}
