package io.culvert.link.net;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.util.internal.PlatformDependent;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * The memory that all sessions of a process share. Each session bounds itself, but nobody bounds their number: together they could take
 * all there is, and then whichever asks next would fail. So each tells what its streams hold, and where memory runs short the
 * session that holds most ends the stream that holds most, until there is room again. Any thread.
 *
 * <pre>
 *   used     0 ................ 3/4 ......... 1/1     of the direct memory that Java may take
 *                                |  sessions shed, as long as together
 *                                |  they hold more than an eighth of it
 * </pre>
 */
public final class MemoryBudget {
    private final LongSupplier used;
    private final long most;
    private final Set<Account> accounts = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean shedding = new AtomicBoolean();

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

    /**
     * An account for one session.
     *
     * @param shed ends the stream that holds most, then calls {@link Account#shed}; called from any thread
     */
    Account open(Runnable shed) {
        return new Account(shed);
    }

    /** Has the session that holds most shed, where it is needed and nobody does already. */
    private void look() {
        if (used.getAsLong() <= most / 4 * 3
                || accounts.stream().mapToLong(each -> each.held).sum() <= most / 8) {
            return;
        }
        Optional<Account> greediest = accounts.stream().max(Comparator.comparingLong(each -> each.held));
        if (greediest.isPresent() && shedding.compareAndSet(false, true)) {
            greediest.get().shed.run();
        }
    }

    /** What one session holds. */
    final class Account {
        private final Runnable shed;
        private volatile long held;

        private Account(Runnable shed) {
            this.shed = shed;
        }

        /** The session's streams hold so many bytes now; 0 where it is over. */
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

        /** The session has done what it was asked to. */
        void shed() {
            shedding.set(false);
            look();
        }
    }
}
