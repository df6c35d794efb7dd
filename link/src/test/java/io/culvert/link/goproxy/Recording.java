package io.culvert.link.goproxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A conversation of real goproxy 6.4 programs, taken apart into prefaces and yamux streams. */
final class Recording {
    /** All recordings there are. */
    static final List<String> ALL =
            List.of("client-leg-plain", "client-leg-snappy", "server-leg-plain", "server-leg-snappy");

    /** One connection: what was said before yamux, and the streams inside. */
    record Connection(ByteBuf preface, Map<Integer, Stream> streams) {}

    /** One stream: the payloads of the data frames, in order, of the side that opened it and of the other. */
    record Stream(List<ByteBuf> opener, List<ByteBuf> other) {
        ByteBuf wholeOpener() {
            return Unpooled.wrappedBuffer(opener.stream().map(ByteBuf::slice).toArray(ByteBuf[]::new));
        }

        ByteBuf wholeOther() {
            return Unpooled.wrappedBuffer(other.stream().map(ByteBuf::slice).toArray(ByteBuf[]::new));
        }
    }

    private static final Pattern LINE =
            Pattern.compile("\\{\"conn\": (\\d+), \"dir\": \"(c2s|s2c)\", \"t_ms\": \\d+, \"hex\": \"([0-9a-f]+)\"}");
    private static final int HEADER = 12;
    private static final int SYN = 1;

    private Recording() {}

    static Collection<Connection> load(String name) {
        Map<String, ByteBuf> toBridge = new TreeMap<>();
        Map<String, ByteBuf> fromBridge = new TreeMap<>();
        for (String line : lines("goproxy-6.4-" + name + ".jsonl")) {
            Matcher fields = LINE.matcher(line);
            if (!fields.matches()) {
                throw new AssertionError(name + ": " + line);
            }
            Map<String, ByteBuf> direction = field(fields, 2).equals("c2s") ? toBridge : fromBridge;
            direction
                    .computeIfAbsent(field(fields, 1), each -> Unpooled.buffer())
                    .writeBytes(ByteBufUtil.decodeHexDump(field(fields, 3)));
        }
        List<Connection> connections = new ArrayList<>();
        toBridge.forEach(
                (number, bytes) -> connections.add(connection(bytes, Objects.requireNonNull(fromBridge.get(number)))));
        return connections;
    }

    private static Connection connection(ByteBuf toBridge, ByteBuf fromBridge) {
        // Its length by hand, not by the codec under test: type,
        // length, bytes; and for a server another length and bytes.
        boolean server = toBridge.getByte(0) == 4;
        int length = 1 + 8 + (int) toBridge.getLongLE(1);
        if (server) {
            length += 8 + (int) toBridge.getLongLE(length);
        }
        ByteBuf preface = toBridge.readSlice(length);
        Map<Integer, Stream> streams = new TreeMap<>();
        // First whoever opens streams, so that each is known when the other side's frames come.
        frames(server ? toBridge : fromBridge, streams, true);
        frames(server ? fromBridge : toBridge, streams, false);
        return new Connection(preface, streams);
    }

    private static void frames(ByteBuf in, Map<Integer, Stream> streams, boolean opener) {
        while (in.isReadable()) {
            ByteBuf header = in.readSlice(HEADER);
            boolean isData = header.getByte(1) == 0;
            int stream = header.getInt(4);
            if (opener && (header.getShort(2) & SYN) != 0 && stream != 0) {
                streams.put(stream, new Stream(new ArrayList<>(), new ArrayList<>()));
            }
            if (isData) {
                Stream known = Objects.requireNonNull(streams.get(stream));
                (opener ? known.opener : known.other).add(in.readSlice(header.getInt(8)));
            }
        }
    }

    private static List<String> lines(String file) {
        InputStream in = Objects.requireNonNull(Recording.class.getResourceAsStream(file), file);
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
            return reader.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String field(Matcher matcher, int group) {
        return Objects.requireNonNull(matcher.group(group));
    }
}
