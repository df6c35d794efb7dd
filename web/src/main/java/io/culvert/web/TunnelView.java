package io.culvert.web;

import com.fasterxml.jackson.core.JsonGenerator;
import io.culvert.control.Bridge;
import io.culvert.control.Expose;
import io.culvert.control.Traffic;
import io.culvert.control.Tunnel;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/**
 * A tunnel as the API shows it: the seed's fields first and in the seed's order, ours behind them. Immutable, any thread.
 *
 * @param traffic all zero where the tunnel is not open at this moment
 * @param agentPort the bridge port of the whole server, where Culvert's own agents always may come
 * @param now what {@code from_last_check} is counted to
 */
record TunnelView(Tunnel tunnel, Traffic traffic, int agentPort, Instant now) {
    /** Writes {@code "id":…,"tunnel":{…}} into the object that is open. */
    void write(JsonGenerator json) throws IOException {
        Expose first = tunnel.exposes().get(0);
        json.writeNumberField("id", tunnel.id());
        json.writeObjectFieldStart("tunnel");
        json.writeNumberField("innet_port", first.targetPort());
        json.writeNumberField("bridge_port", tunnel.bridgePort());
        json.writeNumberField("expose_port", first.port());
        json.writeStringField("comment", tunnel.comment());
        json.writeNumberField("expire_time", asGiven(tunnel.lease().ttl()));
        Instant last = tunnel.lease().lastHeartbeat();
        json.writeNumberField("last_check_time", micros(Duration.between(Instant.EPOCH, last)));
        Duration since = Duration.between(last, now);
        // A clock that was set back must not show a heartbeat from the future.
        json.writeNumberField("from_last_check", micros(since.isNegative() ? Duration.ZERO : since));
        json.writeArrayFieldStart("exposes");
        for (Expose expose : tunnel.exposes()) {
            json.writeStartObject();
            json.writeNumberField("innet_port", expose.targetPort());
            json.writeNumberField("expose_port", expose.port());
            json.writeStringField("innet_host", expose.targetHost());
            json.writeStringField("protocol", lower(expose.protocol()));
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeStringField("state", lower(tunnel.status().state()));
        json.writeNumberField("sessions", traffic.sessions());
        json.writeNumberField("visitors", traffic.visitors());
        json.writeNumberField("bytes_in", traffic.bytesIn());
        json.writeNumberField("bytes_out", traffic.bytesOut());
        json.writeStringField("protocol", lower(first.protocol()));
        json.writeBooleanField("compress", tunnel.bridge().map(Bridge::compress).orElse(false));
        json.writeBooleanField("bridge_tls", tunnel.bridge().map(Bridge::tls).orElse(true));
        json.writeNumberField("datagrams_dropped", traffic.datagramsDropped());
        json.writeNumberField("agent_port", agentPort);
        json.writeEndObject();
    }

    private static String lower(Enum<?> word) {
        return word.name().toLowerCase(Locale.ROOT);
    }

    /** Seconds without needless zeros: what was said as 60 comes back as 60. */
    private static BigDecimal asGiven(Duration ttl) {
        BigDecimal seconds = seconds(ttl).stripTrailingZeros();
        return seconds.scale() < 0 ? seconds.setScale(0) : seconds;
    }

    /** Seconds with the six decimals that the seed's clock had. */
    private static BigDecimal micros(Duration time) {
        return seconds(time).setScale(6, RoundingMode.DOWN);
    }

    private static BigDecimal seconds(Duration time) {
        return BigDecimal.valueOf(time.getSeconds()).add(BigDecimal.valueOf(time.getNano(), 9));
    }
}
