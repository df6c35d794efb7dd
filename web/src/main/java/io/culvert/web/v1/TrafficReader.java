package io.culvert.web.v1;

import io.culvert.control.Tunnel;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** One reader's place at the board: tells what has changed behind what was told before. One thread. */
final class TrafficReader {
    /** Some 80 KB a frame: whoever reads it takes it in a few milliseconds. */
    private static final int TUNNELS_OF_A_FRAME = 500;

    private final TrafficBoard board;
    private long known;

    /** Begins with what happens next: how it is now, tunnels' documents tell. */
    TrafficReader(TrafficBoard board) {
        this.board = board;
        known = board.since(Long.MAX_VALUE).round();
    }

    /**
     * What to tell now: one frame at least, since that nothing was carried is news as well.
     *
     * @param wanted which tunnels the reader wants and may be told of
     */
    List<String> frames(Predicate<Tunnel> wanted) {
        TrafficBoard.Look look = board.since(known);
        known = look.round();
        List<String> frames = new ArrayList<>();
        JsonArray tunnels = new JsonArray();
        for (TrafficBoard.Count count : look.changed()) {
            if (wanted.test(count.tunnel())) {
                if (tunnels.size() == TUNNELS_OF_A_FRAME) {
                    frames.add(frame(look, tunnels));
                    tunnels = new JsonArray();
                }
                tunnels.add(new JsonObject()
                        .put("id", count.tunnel().id())
                        .mergeIn(TunnelDocument.traffic(count.traffic())));
            }
        }
        frames.add(frame(look, tunnels));
        return frames;
    }

    private static String frame(TrafficBoard.Look look, JsonArray tunnels) {
        JsonObject data = new JsonObject().put("at", Units.time(look.at())).put("tunnels", tunnels);
        return "event: traffic\ndata: " + data.encode() + "\n\n";
    }
}
