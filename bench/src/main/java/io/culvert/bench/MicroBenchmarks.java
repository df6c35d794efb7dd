package io.culvert.bench;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs this module's JMH benchmarks, shortly: one fork, three seconds of warm-up and five of measurement for each. JMH's own talk goes in
 * front of a table in Markdown, all on standard output. One thread.
 */
public final class MicroBenchmarks {
    private MicroBenchmarks() {}

    /** Runs all, or those whose {@code class.method} contains a match of one of the arguments. */
    public static void main(String[] args) throws RunnerException {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .forks(1)
                .warmupIterations(3)
                .warmupTime(TimeValue.seconds(1))
                .measurementIterations(5)
                .measurementTime(TimeValue.seconds(1))
                .addProfiler(GCProfiler.class)
                // Assertions off, and the collector of a server whatever the machine's size.
                .jvmArgs("-Xmx512m", "-XX:+UseSerialGC")
                .shouldFailOnError(true);
        for (String pattern : args) {
            options.include(pattern);
        }
        System.out.print(table(new Runner(options.build()).run()));
    }

    private static String table(Collection<RunResult> runs) {
        List<RunResult> sorted = runs.stream()
                .sorted(Comparator.comparing(run -> name(run.getParams())))
                .toList();
        StringBuilder table = new StringBuilder(
                "\n| benchmark | score | ± (99.9 %) | unit | allocated, B/op |\n|---|---|---|---|---|\n");
        for (RunResult run : sorted) {
            Result<?> score = run.getPrimaryResult();
            Result<?> allocated = run.getSecondaryResults().get("gc.alloc.rate.norm");
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %,.1f | %,.1f | %s | %s |%n",
                    name(run.getParams()),
                    score.getScore(),
                    score.getScoreError(),
                    score.getScoreUnit(),
                    allocated == null ? "" : String.format(Locale.ROOT, "%,.1f", allocated.getScore())));
        }
        return table.toString();
    }

    private static String name(BenchmarkParams params) {
        String full = params.getBenchmark();
        String name = full.substring(full.lastIndexOf('.', full.lastIndexOf('.') - 1) + 1);
        Map<String, String> values =
                params.getParamsKeys().stream().collect(Collectors.toMap(key -> key, params::getParam));
        return values.isEmpty() ? name : name + " " + values;
    }
}
