package io.culvert.client;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * A page of a list. Immutable, any thread.
 *
 * @param total how many there were on all pages
 * @param nextCursor leads on; empty on the last page
 */
public record TunnelPage(List<Tunnel> tunnels, int total, Optional<String> nextCursor) {
    public TunnelPage {
        tunnels = List.copyOf(tunnels);
    }

    static TunnelPage read(Answer answer) throws IOException {
        return new TunnelPage(
                answer.list("tunnels", Tunnel::read), answer.count("total"), answer.anyText("next_cursor"));
    }
}
