package io.culvert.gateway.engine;

import java.util.concurrent.CompletionStage;

/** A bound port of a tunnel. Lives on the tunnel's home loop. */
interface PublicPort {
    /** The real number, 1 to 65535. */
    int port();

    /** Frees the port; the stage completes once it is free. */
    CompletionStage<Void> close();
}
