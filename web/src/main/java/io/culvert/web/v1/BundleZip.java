package io.culvert.web.v1;

import io.culvert.control.Bridge;
import io.culvert.control.Tunnel;
import io.culvert.control.TunnelBundle;
import io.culvert.web.http.Payload;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The files for a stock goproxy client, with the command line that uses them. Immutable, any thread.
 *
 * @param host under which agents reach this server
 * @param agentPort the server's own bridge port
 */
public record BundleZip(Tunnel tunnel, TunnelBundle bundle, String host, int agentPort) implements Payload {
    @Override
    public Map<String, String> headers() {
        return Map.of(
                "Content-Type",
                "application/zip",
                "Content-Disposition",
                "attachment; filename=\"culvert-tunnel-" + tunnel.id() + ".zip\"");
    }

    @Override
    public byte[] bytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(4_096);
        try (ZipOutputStream zip = new ZipOutputStream(bytes, StandardCharsets.UTF_8)) {
            add(zip, "proxy.crt", bundle.certificates());
            add(zip, "proxy.key", bundle.key());
            add(zip, "README.txt", readme());
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory is written: only a fault of ours can do this
        }
        return bytes.toByteArray();
    }

    private static void add(ZipOutputStream zip, String name, String text) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTime(0); // the same bundle is the same file, whenever it is fetched
        zip.putNextEntry(entry);
        zip.write(text.getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
    }

    private String readme() {
        StringBuilder text = new StringBuilder();
        text.append("Tunnel ").append(tunnel.id()).append(" of ").append(host).append("\n\n");
        tunnel.bridge()
                .ifPresent(bridge -> text.append("On the inner machine, in the directory of these files:\n\n    ")
                        .append(ownPort(bridge))
                        .append("\n\n"));
        text.append(tunnel.bridge().isPresent() ? "Or, by the port that all tunnels of this server share:\n\n    " : "")
                .append(command(agentPort))
                .append(" --k t")
                .append(tunnel.id())
                .append(
                        "\n\nWhoever has proxy.key can serve this tunnel, and nothing else: keep it to yourself (chmod 600).\n")
                .append("Both files are worthless as soon as the tunnel ends or other ones are issued for it.\n")
                .append("\nThe certificate is good until ")
                .append(bundle.endsAt())
                .append(".");
        if (bundle.renewAt().isBefore(bundle.endsAt())) {
            text.append(" Fetch the bundle again after ")
                    .append(bundle.renewAt())
                    .append(
                            " and\nput the files over these: they will be newer ones, and these go on to work until their end.");
        }
        text.append("\n");
        return text.toString();
    }

    private String ownPort(Bridge bridge) {
        String command = bridge.tls() ? command(bridge.port()) : "proxy client -t tcp -P " + host + ":" + bridge.port();
        return bridge.compress() ? command + " -c" : command;
    }

    private String command(int port) {
        return "proxy client -P " + host + ":" + port + " -C proxy.crt -K proxy.key";
    }
}
