package io.culvert.control;

import io.culvert.gateway.Cidr;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;

/** What a request for a tunnel must be like. No state, any thread. */
final class CreateRules {
    static final int MAX_EXPOSES = 64;
    static final int MAX_COMMENT = 1_000;
    static final Duration MAX_TTL = TermRules.LONGEST;

    static final FieldPath BRIDGE = FieldPath.of("bridge", "port");

    private static final int MAX_HOST = 253;

    private CreateRules() {}

    /**
     * Checks a request by itself, without a look at other tunnels.
     *
     * @param now by the wall clock
     * @throws InvalidRequestException naming the first fault
     */
    static void check(CreateTunnel request, Instant now) {
        int count = request.exposes().size();
        if (count == 0) {
            throw new InvalidRequestException("exposes", "0 entries", "1 to " + MAX_EXPOSES + " entries");
        }
        if (count > MAX_EXPOSES) {
            throw new InvalidRequestException("exposes", count + " entries", "1 to " + MAX_EXPOSES + " entries");
        }
        Set<HeldPort> explicit = new HashSet<>();
        for (int i = 0; i < count; i++) {
            Expose expose = request.exposes().get(i);
            checkTarget(expose(i).then("target"), expose);
            int port = expose.port();
            FieldPath portField = expose(i).then("port");
            if (port < 0 || port > 65_535) {
                throw new InvalidRequestException(portField, String.valueOf(port), "0 to 65535");
            }
            FieldPath bindField = expose(i).then("bind");
            expose.bind().ifPresent(bind -> checkBind(bindField, bind));
            if (port != 0 && !explicit.add(HeldPort.of(expose))) {
                throw new InvalidRequestException(portField, String.valueOf(port), "each public port once");
            }
        }
        request.bridge().ifPresent(bridge -> checkBridge(bridge, explicit));
        checkComment(request.comment());
        request.name().ifPresent(TermRules::checkName);
        TermRules.checkLabels(request.labels());
        TermRules.checkLease(request.lease(), now);
        TermRules.checkPolicies(request.policies());
    }

    /**
     * The time to live as it is kept. Whatever never expires is kept as it was asked for, so that a caller finds its own value again,
     * but no further below zero than a store can count.
     */
    static Duration ttl(CreateTunnel request) {
        return request.lease().ttl().compareTo(MAX_TTL.negated()) < 0
                ? Duration.ofSeconds(-1)
                : request.lease().ttl();
    }

    /** The same of a lease as a whole. */
    static LeaseTerms terms(LeaseTerms asked) {
        return asked.ttl().compareTo(MAX_TTL.negated()) >= 0
                ? asked
                : new LeaseTerms(
                        Duration.ofSeconds(-1),
                        asked.grace(),
                        asked.maxLifetime(),
                        asked.expiresAt(),
                        asked.drain(),
                        asked.renewBy(),
                        asked.warnings());
    }

    /** Where the contract has an expose, from 0. */
    static FieldPath expose(int index) {
        return FieldPath.of("exposes").at(index);
    }

    /** What is said of a public port of this request that somebody else has. */
    static String portField(CreateTunnel request) {
        return request.exposes().size() == 1 ? "expose" : "exposes";
    }

    private static void checkBridge(Bridge bridge, Set<HeldPort> exposed) {
        if (bridge.port() < 0 || bridge.port() > 65_535) {
            throw new InvalidRequestException(BRIDGE, String.valueOf(bridge.port()), "0 to 65535");
        }
        if (bridge.port() != 0 && exposed.contains(HeldPort.of(bridge))) {
            throw new InvalidRequestException(BRIDGE, String.valueOf(bridge.port()), "another port than the exposes");
        }
    }

    private static void checkBind(FieldPath field, String bind) {
        try {
            if (bind.contains("/")) {
                throw new IllegalArgumentException("a block");
            }
            // Asks no name server, and takes numbers only.
            Cidr unused = Cidr.parse(bind);
            // Refused here: in the data plane it would look as if each port of the pool were taken.
            if (!isOfThisMachine(InetAddress.getByName(bind))) {
                throw new InvalidRequestException(field, bind, "an address of this machine");
            }
        } catch (IllegalArgumentException | IOException e) {
            throw new InvalidRequestException(
                    field, bind.length() > 100 ? bind.length() + " characters" : masked(bind), "a numeric address");
        }
    }

    private static boolean isOfThisMachine(InetAddress address) throws IOException {
        // All of 127.0.0.0/8 can be bound; the interface names one of them.
        return address.isAnyLocalAddress()
                || address.isLoopbackAddress()
                || NetworkInterface.getByInetAddress(address) != null;
    }

    private static void checkTarget(FieldPath field, Expose expose) {
        String host = expose.targetHost();
        if (host.isBlank() || host.length() > MAX_HOST || host.chars().anyMatch(CreateRules::isNoPartOfAHost)) {
            throw new InvalidRequestException(
                    field,
                    host.length() > MAX_HOST ? host.length() + " characters" : masked(host),
                    "a host of 1 to " + MAX_HOST + " characters without blanks");
        }
        if (expose.targetPort() < 1 || expose.targetPort() > 65_535) {
            throw new InvalidRequestException(field, String.valueOf(expose.targetPort()), "1 to 65535");
        }
    }

    /** Half a pair among them: no name has one, and the store's UTF-8 has no form for it. */
    private static boolean isNoPartOfAHost(int c) {
        return Character.isISOControl(c) || Character.isWhitespace(c) || Character.isSurrogate((char) c);
    }

    static void checkComment(String comment) {
        if (comment.length() > MAX_COMMENT) {
            throw new InvalidRequestException(
                    "comment", comment.length() + " characters", "at most " + MAX_COMMENT + " characters");
        }
        for (int i = 0; i < comment.length(); i++) {
            char c = comment.charAt(i);
            if (Character.isISOControl(c) && c != '\t' && c != '\n' && c != '\r') {
                throw new InvalidRequestException(
                        "comment", "U+%04X at %d".formatted((int) c, i), "no control characters but tab and newline");
            }
            // The store keeps UTF-8, which has no form for half a pair.
            if (Character.isHighSurrogate(c)
                    && i + 1 < comment.length()
                    && Character.isLowSurrogate(comment.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw new InvalidRequestException("comment", "U+%04X at %d".formatted((int) c, i), "whole characters");
            }
        }
    }

    /** Control characters must not reach a log or a terminal through an error. */
    static String masked(String text) {
        return text.replaceAll("[\\p{Cntrl}\\p{Cs}]", "?");
    }
}
