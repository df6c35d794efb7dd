package io.culvert.link.net;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.util.internal.PlatformDependent;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * The memory that all sessions of a process share. Each session bounds itself, but nobody bounds their number: together they could take
 * all there is, and then whichever asks next would fail. So each tells what it holds, and where memory runs short those pay who hold most: of the owner
 * whose sessions hold most together the session that holds most, stream by stream, until they hold as much less as was too much. A session that has
 * nothing to end is passed over until then. Any thread.
 *
 * <pre>
 *   used     0 ................ 3/4 ......... 1/1     of the direct memory that Java may take
 *                                |  sessions shed, as long as together
 *                                |  they hold more than an eighth of it
 * </pre>
 *
 * What was freed stays with Netty for a while, and counts as used: so nobody pays again before more is used than there was behind the last time.
 */
public final class MemoryBudget {
    private final LongSupplier used;
    private final long most;
    private final Set<Account> accounts = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean shedding = new AtomicBoolean();
    /** Those that had nothing to end since shedding began: what they hold must shield nobody else. */
    private final Set<Account> passedOver = ConcurrentHashMap.newKeySet();
    /** Shedding goes on while all sessions together hold more than this, in bytes; meaningful only while shedding. */
    private volatile long target;
    /** What was in use behind the last time that sessions had to pay. */
    private volatile long tolerated;

    /**
     * A budget.
     *
     * @param used bytes in use now, whoever uses them
     * @param most bytes that may be used
     */
    MemoryBudget(LongSupplier used, long most) {
        this.used = used;
        this.most = most;
    }

    /** That of Netty's direct buffers: as much as Java's options allow, which is the largest heap where they do not say. */
    public static MemoryBudget ofDirectBuffers() {
        ByteBufAllocatorMetricProvider allocator = (ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT;
        return new MemoryBudget(allocator.metric()::usedDirectMemory, PlatformDependent.maxDirectMemory());
    }

    /** What the sessions of one owner, a tunnel say, hold together. */
    public Share share() {
        return new Share(this);
    }

    /** Has sessions shed where it is needed, and nobody does already. */
    private void look() {
        long now = used.getAsLong();
        long plenty = most / 4 * 3;
        if (now <= plenty) {
            tolerated = 0;
            return;
        }
        long held = held();
        if (now > tolerated && held > most / 8 && shedding.compareAndSet(false, true)) {
            target = Math.max(most / 8, held - (now - plenty));
            next();
        }
    }

    private long held() {
        return accounts.stream().mapToLong(each -> each.held).sum();
    }

    /** Has the next one shed. Only while {@link #shedding}. */
    private void next() {
        Optional<Account> greediest = held() > target ? greediest() : Optional.empty();
        if (greediest.isEmpty()) {
            tolerated = used.getAsLong();
            passedOver.clear();
            shedding.set(false);
            return;
        }
        try {
            greediest.get().shed.run();
        } catch (RejectedExecutionException e) {
            // Its loop has ended, and it with that.
            accounts.remove(greediest.get());
            passedOver.clear();
            shedding.set(false);
        }
    }

    private Optional<Account> greediest() {
        List<Account> asked =
                accounts.stream().filter(each -> !passedOver.contains(each)).toList();
        Map<Share, Long> shares = new HashMap<>();
        asked.forEach(each -> shares.merge(each.share, each.held, Long::sum));
        return asked.stream()
                .max(Comparator.<Account>comparingLong(each -> Objects.requireNonNullElse(shares.get(each.share), 0L))
                        .thenComparingLong(each -> each.held));
    }

    /** What the sessions of one owner hold together. */
    public static final class Share {
        private final MemoryBudget budget;

        private Share(MemoryBudget budget) {
            this.budget = budget;
        }

        /**
         * An account for one session.
         *
         * @param shed ends what holds most in the session, then calls {@link Account#shed}; called from any thread, and must not wait
         */
        Account open(Runnable shed) {
            return budget.new Account(this, shed);
        }
    }

    /** What one session holds. */
    final class Account {
        private final Share share;
        private final Runnable shed;
        private volatile long held;

        private Account(Share share, Runnable shed) {
            this.share = share;
            this.shed = shed;
        }

        /** The session holds so many bytes now; 0 where it is over. */
        void hold(long bytes) {
            boolean more = bytes > held;
            held = bytes;
            if (bytes > 0) {
                accounts.add(this);
            } else {
                accounts.remove(this);
            }
            if (more) {
                look();
            }
        }

        /** Whether the session still has to shed: it was asked a turn ago, and much may have left since. */
        boolean mustShed() {
            return held() > target;
        }

        /**
         * The session has done what it was asked to, and the next one is asked. Once for each time that it was asked; any thread.
         *
         * @param nothingToEnd whether it ended nothing: it is not asked again before shedding begins anew
         */
        void shed(boolean nothingToEnd) {
            if (nothingToEnd) {
                passedOver.add(this);
            }
            next();
        }
    }
}
