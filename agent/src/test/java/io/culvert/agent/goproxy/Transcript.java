package io.culvert.agent.goproxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A recording of real goproxy programs, and what of a side's bytes can be held against another run. Not for several threads. */
final class Transcript {
    private static final Pattern LINE = Pattern.compile(
            "\\{\"conn\": (?<conn>\\d+), \"dir\": \"(?<dir>c2s|s2c)\", \"t_ms\": \\d+, \"hex\": \"(?<hex>[0-9a-f]+)\"}");

    /** Some bytes of one side of one connection. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Event(int connection, boolean toBridge, byte[] bytes) {}

    private Transcript() {}

    /** The length of the head that these bytes begin with: three strings. */
    static int headLength(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 3; i++) {
            int length = (int) in.getLong();
            in.position(in.position() + length);
        }
        return in.position();
    }

    static List<Event> load(String name) throws IOException {
        String file = "/io/culvert/link/goproxy/goproxy-6.4-" + name + ".jsonl";
        List<Event> events = new ArrayList<>();
        try (InputStream in = Objects.requireNonNull(Transcript.class.getResourceAsStream(file), file);
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, US_ASCII))) {
            for (String line : reader.lines().toList()) {
                Matcher fields = LINE.matcher(line);
                if (!fields.matches()) {
                    throw new IOException(file + ": " + line);
                }
                events.add(new Event(
                        Integer.parseInt(Objects.requireNonNull(fields.group("conn"))),
                        "c2s".equals(fields.group("dir")),
                        HexFormat.of().parseHex(Objects.requireNonNull(fields.group("hex")))));
            }
        }
        return events;
    }

    /** Cuts bytes of one side into frames, whatever pieces they come in. */
    static final class Frames {
        private final ByteArrayOutputStream rest = new ByteArrayOutputStream();

        List<MiniMux.Frame> add(byte[] bytes) {
            rest.writeBytes(bytes);
            ByteBuffer all = ByteBuffer.wrap(rest.toByteArray());
            List<MiniMux.Frame> whole = new ArrayList<>();
            while (all.remaining() >= 12) {
                int length = all.get(all.position() + 1) == MiniMux.DATA ? all.getInt(all.position() + 8) : 0;
                if (all.remaining() < 12 + length) {
                    break;
                }
                all.get();
                int type = all.get();
                int flags = all.getShort();
                int stream = all.getInt();
                int value = all.getInt();
                byte[] payload = new byte[length];
                all.get(payload);
                whole.add(new MiniMux.Frame(type, flags, stream, value, payload));
            }
            byte[] left = new byte[all.remaining()];
            all.get(left);
            rest.reset();
            rest.writeBytes(left);
            return whole;
        }
    }

    /**
     * What one side said on one connection, without what may differ between two runs that both keep to the protocol:
     *
     * <ul>
     *   <li>ids of streams and of the server, 40 random hex digits, are written as {@code ID};
     *   <li>the visitor's port in datagrams, the system's choice, is written as {@code PORT};
     *   <li>pings of its own and mere credit come when they are due, by each program's clock and window: left out. Answers to the other
     *       side's pings are kept;
     *   <li>how a TCP stream's bytes lie in data frames follows from how they were read: joined. The head must lie in one frame, whether or
     *       not its first bytes follow it there, and each datagram must have one of its own: those are kept apart.
     * </ul>
     */
    static final class Side {
        private static final int IDENTIFIER = 10;

        private final boolean opener;
        private final Map<Integer, List<String>> streams = new TreeMap<>();
        private final List<Integer> datagramStreams = new ArrayList<>();
        private int pongs;

        /** @param opener whether this side opens the streams, and so says their heads */
        Side(boolean opener) {
            this.opener = opener;
        }

        /** Says of which streams the data are datagrams, where this side says no heads. */
        void datagramsOn(int stream) {
            datagramStreams.add(stream);
        }

        void add(MiniMux.Frame frame) {
            if (frame.type() == MiniMux.PING) {
                pongs += frame.flags() == MiniMux.ACK ? 1 : 0;
                return;
            }
            if (frame.stream() == 0) {
                streams.computeIfAbsent(0, each -> new ArrayList<>()).add("go away " + frame.length());
                return;
            }
            List<String> said = streams.computeIfAbsent(frame.stream(), each -> new ArrayList<>());
            if (frame.type() == MiniMux.DATA) {
                data(said, frame);
            }
            if (frame.flags() != 0) {
                said.add((frame.type() == MiniMux.DATA ? "data " : "update " + frame.length() + " ") + "flags "
                        + frame.flags());
            }
        }

        private void data(List<String> said, MiniMux.Frame frame) {
            String text = new String(frame.payload(), ISO_8859_1);
            if (opener && said.stream().noneMatch(each -> each.startsWith("head "))) {
                int head = headLength(frame.payload());
                said.add("head " + text.substring(0, head).replaceAll("[0-9a-f]{40}", "ID"));
                if (text.contains("udp:")) {
                    datagramStreams.add(frame.stream());
                }
                text = text.substring(head);
            }
            if (text.isEmpty()) {
                return;
            }
            if (datagramStreams.contains(frame.stream())) {
                said.add("datagram " + text.replaceAll("127\\.0\\.0\\.1:[0-9]{5}", "PORT"));
            } else if (!said.isEmpty() && said.get(said.size() - 1).startsWith("bytes ")) {
                said.set(said.size() - 1, said.get(said.size() - 1) + text);
            } else {
                said.add("bytes " + text);
            }
        }

        /** What was said on each stream, in order. */
        Map<Integer, List<String>> said() {
            return streams;
        }

        /** In short. */
        @Override
        public String toString() {
            StringBuilder text = new StringBuilder();
            streams.forEach((id, said) -> {
                text.append(id).append(':');
                said.forEach(each -> text.append(" [")
                        .append(each, 0, Math.min(each.length(), 24))
                        .append("; ")
                        .append(each.length())
                        .append(']'));
                text.append(' ');
            });
            return text.append(pongs).append(" pongs").toString();
        }

        /**
         * The same of a side that packs what it says: a chunk holds what one read brought, so chunks are cut differently by programs that
         * read differently. Compared are the stream's identifier, byte for byte, and what all chunks unpack to, their sums checked. (That
         * the same write is packed into the same bytes is shown where the codec is tested.)
         */
        Map<Integer, List<String>> unpacked() {
            Map<Integer, List<String>> plain = new TreeMap<>();
            streams.forEach((id, said) ->
                    plain.put(id, said.stream().map(Side::unpacked).toList()));
            return plain;
        }

        private static String unpacked(String said) {
            if (!said.startsWith("bytes ")) {
                return said;
            }
            byte[] packed = said.substring("bytes ".length()).getBytes(ISO_8859_1);
            try (Snappy unpacker = Snappy.unpacker()) {
                return new String(packed, 0, Math.min(packed.length, IDENTIFIER), ISO_8859_1)
                        + new String(unpacker.unpack(packed), ISO_8859_1);
            }
        }

        /** Pings of the other side that were answered. */
        int pongs() {
            return pongs;
        }

        /** True where everything that the other one said was said here too, or its beginning where that is a run of bytes. */
        boolean covers(Side other) {
            for (Map.Entry<Integer, List<String>> each : other.streams.entrySet()) {
                List<String> here = streams.getOrDefault(each.getKey(), List.of());
                List<String> there = each.getValue();
                if (here.size() < there.size()) {
                    return false;
                }
                int last = there.size() - 1;
                if (here.get(last).length() < there.get(last).length()) {
                    return false;
                }
            }
            return pongs >= other.pongs;
        }
    }
}
