package io.culvert.link.leak;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/** Makes Netty's leak detectors and writes down what they find. Any thread: a detector reports on whichever allocates next. */
final class LeakLedger extends ResourceLeakDetectorFactory {
    private final Queue<String> leaks = new ConcurrentLinkedQueue<>();
    private final List<Detector<?>> detectors = new CopyOnWriteArrayList<>();

    /** What was found so far, each with the places that touched it last. */
    List<String> leaks() {
        return List.copyOf(leaks);
    }

    /** Makes every detector look at what the garbage collector found; by itself one looks only when its kind of resource is next made. */
    void look() {
        detectors.forEach(Detector::look);
    }

    @Override
    @SuppressWarnings(
            "deprecation") // Netty's own older form, which every factory must still answer; the newer one ends here
    // too.
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
            Class<T> resource, int samplingInterval, long maxActive) {
        return detector(resource, samplingInterval);
    }

    <T> Detector<T> detector(Class<T> resource, int samplingInterval) {
        Detector<T> detector = new Detector<>(resource, samplingInterval, leaks);
        detectors.add(detector);
        return detector;
    }

    /** Netty's detector; reports to the ledger instead of the log. */
    static final class Detector<T> extends ResourceLeakDetector<T> {
        private final Queue<String> leaks;

        Detector(Class<T> resource, int samplingInterval, Queue<String> leaks) {
            super(resource, samplingInterval);
            this.leaks = leaks;
        }

        @Override
        protected boolean needReport() {
            // Netty asks its logger; a leak counts whether or not somebody reads the log.
            return true;
        }

        @Override
        protected void reportTracedLeak(String resource, String records) {
            leaks.add(resource + records);
        }

        @Override
        protected void reportUntracedLeak(String resource) {
            leaks.add(resource);
        }

        private void look() {
            // Only tracking makes a detector look, and it never touches what it tracks: any object stands in for a T.
            @SuppressWarnings("unchecked")
            T standIn = (T) new Object();
            var tracker = trackForcibly(standIn);
            if (tracker != null) {
                tracker.close(standIn);
            }
        }
    }
}
