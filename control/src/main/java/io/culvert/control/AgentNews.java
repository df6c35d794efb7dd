package io.culvert.control;

import io.culvert.control.event.EventKind;
import java.util.Comparator;
import java.util.Map;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of agents that come and go, in the log and as events, of each tunnel up to a rate ({@link Telling}): whoever may come can come and go
 * hundreds of times a second, and would push everybody's events out of the history. What is beyond the rate is counted, and the next word says
 * how many; where nobody comes or goes any more, that is the last one of them, told when there is place for it. While a tunnel owes a word, its
 * {@link EventKind#UP} and {@link EventKind#DOWN} wait for it. What the tunnel is, its sessions and its transitions are exact at all times. A tunnel that
 * ends owes nothing any more. Control thread only; never waits.
 */
final class AgentNews {
    private static final Logger log = LoggerFactory.getLogger(AgentNews.class);

    /** A tunnel that owed a word when this was noted, and the time of that word. It may have been told meanwhile with another one. */
    private record Owed(long nanos, LivingTunnel tunnel) {}

    private final Ticker ticker;
    private final TunnelTable table;
    private final StateKeeper states;
    private final News news;
    /** By the difference: the ticker may wrap. */
    private final PriorityQueue<Owed> owed =
            new PriorityQueue<>(Comparator.comparing(Owed::nanos, (one, other) -> Long.signum(one - other)));

    AgentNews(Ticker ticker, TunnelTable table, StateKeeper states, News news) {
        this.ticker = ticker;
        this.table = table;
        this.states = states;
        this.news = news;
    }

    /**
     * Tells now, or later, that an agent of the tunnel has come or gone. Whoever calls this settles the tunnel's state behind it.
     *
     * @param text of the event
     * @param line of the log
     */
    void tell(LivingTunnel tunnel, EventKind kind, String text, Map<String, String> details, String line) {
        long now = ticker.nanos();
        boolean first = kind == EventKind.TAKEOVER && tunnel.takeovers.hasPlace(now);
        Telling telling = first ? tunnel.takeovers : tunnel.telling;
        boolean owedBefore = telling.owes();
        telling.tell(now, more -> {
            log.info("Tunnel {}: {}{}", tunnel.id(), line, more);
            news.tell(kind, tunnel.id(), text + more, details);
        });
        if (telling.owes() && !owedBefore) {
            owed.add(new Owed(telling.next(now), tunnel));
        }
    }

    /** When the next word is due, in ticker nanoseconds; empty for none. */
    OptionalLong deadline() {
        Owed first = owed.peek();
        return first == null ? OptionalLong.empty() : OptionalLong.of(first.nanos());
    }

    /** Tells what is due. */
    void tellWhatIsDue(long nowNanos) {
        for (Owed first = owed.peek(); first != null && first.nanos() - nowNanos <= 0; first = owed.peek()) {
            Owed due = owed.remove();
            // Where another word took its place, what is owed now has a time of its own.
            if (due.tunnel().telling.next(nowNanos) - nowNanos <= 0) {
                tellLast(due.tunnel(), nowNanos);
            }
        }
    }

    /** Tells all that is owed: there is no later. */
    void last() {
        long now = ticker.nanos();
        for (Owed next = owed.poll(); next != null; next = owed.poll()) {
            tellLast(next.tunnel(), now);
        }
    }

    private void tellLast(LivingTunnel tunnel, long now) {
        if (tunnel.telling.owes() && tunnel.equals(table.entry(tunnel.id()))) {
            tunnel.telling.tellLast(now);
            Tunnel unused = states.settle(tunnel);
        }
    }
}
