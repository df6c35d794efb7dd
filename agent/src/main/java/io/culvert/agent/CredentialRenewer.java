package io.culvert.agent;

import io.culvert.link.agent.AgentMessage;
import io.culvert.link.agent.AgentMessage.Refused;
import io.culvert.link.agent.AgentMessage.Renew;
import io.culvert.link.agent.AgentMessage.Renewed;
import io.culvert.link.agent.RefusalCode;
import io.culvert.link.net.BridgeTls;
import io.culvert.link.net.Sockets;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the agent's credential renewed in time, on a connection of its own: sessions and what they carry are not touched. Lives on one loop;
 * {@link #in} and {@link #stop} may be called by any thread.
 */
final class CredentialRenewer {
    private static final Logger log = LoggerFactory.getLogger(CredentialRenewer.class);

    /** After a no that is meant for good: until the next hello it is nothing but a line in the log. */
    private static final Duration AFTER_NO = Duration.ofMinutes(10);

    private final AgentSettings settings;
    private final EventLoop loop;
    private final SslContext tls;
    private final Dialer server;
    private final AgentCredential credential;
    private final Backoff backoff;
    private @Nullable ScheduledFuture<?> due;
    private boolean asking;
    /** What was said while an answer was waited for: it counts where there is none, or a no. */
    private @Nullable Duration told;

    private boolean stopped;

    CredentialRenewer(
            AgentSettings settings,
            EventLoop loop,
            SslContext tls,
            Dialer server,
            AgentCredential credential,
            Backoff backoff) {
        this.settings = settings;
        this.loop = loop;
        this.tls = tls;
        this.server = server;
        this.credential = credential;
        this.backoff = backoff;
    }

    /**
     * What was shown should be renewed after this time; what was said before counts no more. Each session is told so, and some of them late: where the
     * credential has been renewed meanwhile, this one is too young for it.
     */
    void in(AgentCredential.Proof shown, Duration time) {
        loop.execute(() -> {
            if (!Arrays.equals(shown.credential(), credential.present())) {
                return;
            }
            if (asking) {
                told = time;
            } else {
                schedule(time);
            }
        });
    }

    void stop() {
        loop.execute(() -> {
            stopped = true;
            cancel();
        });
    }

    private void cancel() {
        ScheduledFuture<?> timer = due;
        if (timer != null) {
            timer.cancel(false);
            due = null;
        }
    }

    private void schedule(Duration time) {
        cancel();
        if (!stopped) {
            due = loop.schedule(this::renew, time.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void renew() {
        byte[] present = credential.present();
        credential.next().whenComplete((next, failure) -> {
            if (failure == null) {
                loop.execute(() -> ask(present, next));
            }
        });
    }

    private void ask(byte[] present, byte[] next) {
        if (stopped || asking) {
            return;
        }
        asking = true;
        Answer answer = new Answer(next);
        Renew renew = new Renew(settings.token().tunnelId(), present, next);
        server.dial(settings.server(), loop, channel -> {
                    if (stopped || answer.over) {
                        throw new CancellationException("this try is over");
                    }
                    Sockets.asSession(channel);
                    BridgeTls.addTo(channel.pipeline(), tls, WelcomeHandler.DEADLINE);
                    channel.pipeline().addLast("renew", new WelcomeHandler(renew, Renewed.class, answer));
                })
                .whenComplete((channel, failure) -> {
                    if (failure != null) {
                        answer.failed(Dialer.reason(failure));
                    }
                });
    }

    /** One try: hears the first outcome, and nothing after it. */
    private final class Answer implements WelcomeHandler.Owner {
        private final byte[] next;
        private boolean over;

        Answer(byte[] next) {
            this.next = next;
        }

        @Override
        public void accepted(ChannelHandlerContext ctx, AgentMessage answer) {
            over = true;
            asking = false;
            told = null;
            ctx.close();
            credential.renewed(next);
            backoff.reset();
            schedule(((Renewed) answer).renewIn());
        }

        @Override
        public void refused(Refused refused) {
            again(refused.text(), refused.code() == RefusalCode.BAD_TOKEN ? AFTER_NO : backoff.next());
        }

        @Override
        public void failed(String why) {
            if (!over) {
                again(why, backoff.next());
            }
        }

        private void again(String why, Duration pause) {
            if (!over) {
                over = true;
                asking = false;
                Duration wait = told == null ? pause : told;
                told = null;
                log.warn("the credential could not be renewed: {}; next try in {} ms", why, wait.toMillis());
                schedule(wait);
            }
        }
    }
}
