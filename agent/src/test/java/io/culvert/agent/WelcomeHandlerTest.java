package io.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.link.agent.AgentMessage;
import io.culvert.link.agent.AgentMessage.Refused;
import io.culvert.link.agent.AgentMessage.Renew;
import io.culvert.link.agent.AgentMessage.Renewed;
import io.culvert.link.agent.AgentMessage.Welcome;
import io.culvert.link.agent.MessageCodec;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a person is told of a server that gives no answer: words, and no names of classes. */
class WelcomeHandlerTest {
    private static final byte[] CREDENTIAL = new byte[AgentMessage.CREDENTIAL_BYTES];

    private final List<String> told = new ArrayList<>();
    private final EmbeddedChannel channel =
            new EmbeddedChannel(new WelcomeHandler(new Renew(1, CREDENTIAL, CREDENTIAL), Welcome.class, new Owner()));

    @AfterEach
    void end() {
        channel.finishAndReleaseAll();
    }

    @Test
    void ofAnAnswerToAnotherQuestion() {
        channel.writeInbound(MessageCodec.encode(new Renewed(Duration.ofMillis(1)), channel.alloc()));
        assertThat(told).containsExactly("a Renewed from the server (expected: Welcome or Refused)");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void ofAConnectionThatBreaks() {
        channel.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
        assertThat(told).containsExactly("Connection reset by peer");
        assertThat(channel.isOpen()).isFalse();
    }

    private final class Owner implements WelcomeHandler.Owner {
        @Override
        public void accepted(ChannelHandlerContext ctx, AgentMessage answer) {
            throw new AssertionError("there was no such answer");
        }

        @Override
        public void refused(Refused refused) {
            throw new AssertionError("nobody said no");
        }

        @Override
        public void failed(String why) {
            told.add(why);
        }
    }
}
