package io.culvert.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which tunnels are asked for, and in which order. Immutable, any thread: each method gives another one.
 *
 * @param labels all of them must be there
 * @param states any of them; none: all that live
 * @param text in the name, the comment, a label, a target or a port
 * @param sort as in the contract: {@code id}, or {@code -bytes} for the busiest first
 */
public record TunnelFilter(
        List<Map.Entry<String, String>> labels,
        List<State> states,
        Optional<String> owner,
        Optional<String> text,
        String sort) {
    public TunnelFilter {
        labels = List.copyOf(labels);
        states = List.copyOf(states);
    }

    /** All that live, by id. */
    public static TunnelFilter all() {
        return new TunnelFilter(List.of(), List.of(), Optional.empty(), Optional.empty(), "id");
    }

    /** Those with this label too. */
    public TunnelFilter label(String key, String value) {
        List<Map.Entry<String, String>> more = new ArrayList<>(labels);
        more.add(Map.entry(key, value));
        return new TunnelFilter(more, states, owner, text, sort);
    }

    /** Those in this state too. */
    public TunnelFilter state(State state) {
        List<State> more = new ArrayList<>(states);
        more.add(state);
        return new TunnelFilter(labels, more, owner, text, sort);
    }

    /** Those that this caller created. */
    public TunnelFilter ownedBy(String name) {
        return new TunnelFilter(labels, states, Optional.of(name), text, sort);
    }

    /** Those with this text in them. */
    public TunnelFilter containing(String wanted) {
        return new TunnelFilter(labels, states, owner, Optional.of(wanted), sort);
    }

    /** In this order. */
    public TunnelFilter sortedBy(String order) {
        return new TunnelFilter(labels, states, owner, text, order);
    }

    Query query() {
        Query query = new Query();
        labels.forEach(label -> query.add("label", label.getKey() + ":" + label.getValue()));
        states.forEach(state -> query.add("state", state));
        return query.addAny("owner", owner).addAny("q", text).add("sort", sort);
    }
}
