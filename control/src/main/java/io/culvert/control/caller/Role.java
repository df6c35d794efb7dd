package io.culvert.control.caller;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a user is in a project. {@code admin} is no role in a project: an admin may do everything everywhere. Immutable, any thread. */
public enum Role {
    /** Looks on. */
    VIEWER,
    /** Has tunnels of its own, and sees those of the others. */
    MEMBER,
    /** Looks after all that the project has. */
    OPERATOR;

    /** Whether it brings a permission at all. */
    public boolean brings(Permission permission) {
        return switch (permission) {
            case TUNNELS_READ, PORTS_READ, SERVER_READ -> true;
            case TUNNELS_WRITE, TUNNELS_RENEW, KEYS -> this != VIEWER;
            case PORTS_WRITE, WEBHOOKS, MEMBERS -> this == OPERATOR;
            case ADMIN -> false;
        };
    }

    /** Whether it changes also tunnels that other members of the project made. */
    public boolean everyTunnel() {
        return this == OPERATOR;
    }

    /** As contract, API and command line write it: {@code viewer}, {@code member}, {@code operator}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The role of this word; empty where there is none. */
    public static Optional<Role> of(String word) {
        return Arrays.stream(values()).filter(each -> each.word().equals(word)).findFirst();
    }
}
