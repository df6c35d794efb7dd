package io.culvert.link.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The file descriptors of this process, and who is given the last of them. The kernel gives each new socket the lowest number that is free, so a socket
 * of number n tells that n are in use, whatever for. Immutable, any thread.
 *
 * <pre>
 *   0 ......... most - 2 reserve ......... most - reserve ......... most - reserve/2 ......... most
 *    whoever comes         no new ports            no visitors             API and store alone
 * </pre>
 *
 * @param most that the process may have; {@link Integer#MAX_VALUE} where nobody says
 */
public record Descriptors(int most) {
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final String LINE = "Max open files";
    /** An eighth, between these: for the API's connections and agents some hundred at the same time are many, and a limit of a million is no reason for more. */
    private static final int LEAST_RESERVE = 16;

    private static final int MOST_RESERVE = 2064;

    /** Files that the store opens while it works, and a connection that is accepted to be closed. */
    private static final int OTHERS = 8;
    /** Below it nobody could work with the API. */
    private static final int LEAST_API = 12;

    /** Nobody counts. */
    public static final Descriptors UNLIMITED = new Descriptors(Integer.MAX_VALUE);

    public Descriptors {
        if (most < 1) {
            throw new IllegalArgumentException("descriptors: " + most + " (expected: at least 1)");
        }
    }

    /** Those of this process, as Linux tells; elsewhere {@link #UNLIMITED}. */
    public static Descriptors ofProcess() {
        try {
            return of(Files.readAllLines(LIMITS));
        } catch (IOException e) {
            return UNLIMITED;
        }
    }

    /** What {@code /proc/self/limits} says, proc(5): {@code Max open files  1024  524288  files}, the soft limit first. */
    static Descriptors of(List<String> limits) {
        return limits.stream()
                .filter(line -> line.startsWith(LINE))
                .map(line -> line.substring(LINE.length()).strip().split(" ", 2)[0])
                .filter(number -> number.matches("[1-9]\\d{0,8}"))
                .map(number -> new Descriptors(Integer.parseInt(number)))
                .findFirst()
                .orElse(UNLIMITED);
    }

    /**
     * Closes the socket of a new port that is one of the last: where ports have taken nearly all, there is nothing left for their visitors.
     *
     * @throws ChannelException where it was one
     */
    public void sparePort(Channel socket) {
        if (number(socket) >= ports()) {
            socket.unsafe().closeForcibly();
            throw new ChannelException(
                    "the last of " + most + " file descriptors are kept for visitors, agents and the API");
        }
    }

    /** Whether a visitor's socket may stay; yes where the transport does not tell its number. */
    public boolean sparesVisitor(Channel socket) {
        return number(socket) < visitors();
    }

    /** Likewise a socket of somebody who may be an agent. */
    public boolean sparesStranger(Channel socket) {
        return number(socket) < strangers();
    }

    /** The first number that no port's socket may have. */
    int ports() {
        return most - 2 * reserve();
    }

    /** The first number that no visitor's socket may have. */
    int visitors() {
        return most - reserve();
    }

    /** Likewise of strangers. */
    int strangers() {
        return most - reserve() / 2;
    }

    /** How many connections API and page may have: what nobody else may have, less what is for others; with less than some 300 descriptors more than that. */
    public int api() {
        return Math.max(LEAST_API, reserve() / 2 - OTHERS);
    }

    private int reserve() {
        return Math.min(most / 4, Math.min(MOST_RESERVE, Math.max(LEAST_RESERVE, most / 8)));
    }

    private static int number(Channel socket) {
        return socket instanceof UnixChannel unix ? unix.fd().intValue() : 0;
    }
}
