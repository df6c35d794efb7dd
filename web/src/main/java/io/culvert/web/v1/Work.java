package io.culvert.web.v1;

import java.util.concurrent.CompletionStage;

/** What an operation does. Called on a web loop; must not wait. */
@FunctionalInterface
interface Work {
    /** Gives a reply or throws. The stage may complete on any thread. */
    CompletionStage<Reply> apply(Ask ask);
}
