package io.culvert.gateway.engine;

import io.culvert.gateway.ExposeSpec;
import io.culvert.gateway.LiveSession;
import io.culvert.gateway.ProbeStep;
import io.culvert.gateway.Protocol;
import io.culvert.gateway.Target;
import io.culvert.link.agent.AgentMessage.Hello;
import io.culvert.link.agent.DatagramFrame;
import io.culvert.link.agent.Farewell;
import io.culvert.link.agent.StreamHead;
import io.culvert.link.net.DatagramStream;
import io.culvert.link.net.Liveness;
import io.culvert.link.net.StreamLeg;
import io.culvert.link.relay.Leg;
import io.culvert.link.yamux.YamuxLimits;
import io.netty.channel.Channel;
import java.util.Arrays;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A session of Culvert's own agent. Threads as in {@link AgentSession}. */
final class OwnSession extends AgentSession {
    private final byte[] instance;
    private final int index;
    private final boolean probes;
    private final String grant;

    OwnSession(LiveTunnel tunnel, Channel channel, Hello hello, String grant, long epoch, Liveness liveness) {
        super(tunnel, channel, hello.agent(), epoch, YamuxLimits.opener(), liveness);
        this.instance = hello.instance();
        this.index = hello.session();
        this.probes = hello.probes();
        this.grant = grant;
    }

    /** What the agent was let in by. */
    String grant() {
        return grant;
    }

    /** Sessions of one agent process stand side by side, each in its own place. */
    @Override
    boolean excludes(AgentSession other) {
        return !(other instanceof OwnSession own) || !own.isOf(instance) || index == own.index;
    }

    boolean isOf(byte[] otherInstance) {
        return Arrays.equals(instance, otherInstance);
    }

    @Override
    boolean sameAgent(AgentSession other) {
        return other instanceof OwnSession own && own.isOf(instance);
    }

    @Override
    LiveSession.Kind kind() {
        return LiveSession.Kind.OWN;
    }

    @Override
    boolean byCertificate() {
        return false;
    }

    @Override
    @Nullable
    Leg connect(Target target, String visitor) {
        return open(new StreamHead(target.toString(), visitor));
    }

    @Override
    @Nullable
    StreamLeg openUdp(Target target, String visitor) {
        return open(new StreamHead(DatagramFrame.TARGET_PREFIX + target, visitor));
    }

    @Override
    CompletionStage<ProbeStep> probe(ExposeSpec expose) {
        if (!probes) {
            return super.probe(expose);
        }
        String prefix = expose.protocol() == Protocol.UDP ? DatagramFrame.TARGET_PREFIX : "";
        return TargetProbe.asking(
                open(new StreamHead(prefix + expose.target(), "probe", true)), loop(), expose.target());
    }

    private @Nullable StreamLeg open(StreamHead head) {
        StreamLeg stream = openStream();
        if (stream != null) {
            stream.write(head.encode(channel().alloc()));
        }
        return stream;
    }

    @Override
    DatagramStream.Codec datagramCodec(String visitor) {
        return DatagramStream.OWN;
    }

    @Override
    void part(Farewell farewell, String why) {
        mux().dismiss(farewell.code(), why);
    }
}
