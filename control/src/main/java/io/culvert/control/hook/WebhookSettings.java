package io.culvert.control.hook;

import java.time.Duration;

/**
 * Bounds of {@link Webhooks}. Immutable, any thread.
 *
 * @param tries attempts before a delivery becomes a dead letter, at least 1
 * @param firstPause behind the first failed attempt, more than zero; four times as long behind each further one
 * @param longestPause at least {@code firstPause}
 * @param atOnce attempts to one webhook at the same time, at least 1
 * @param mostWaiting deliveries on their way to one webhook, at least 1; further ones become dead letters at once
 * @param mostDead dead letters of one webhook, at least 1; the oldest goes where there is no room
 * @param mostWebhooks at least 1
 */
public record WebhookSettings(
        int tries,
        Duration firstPause,
        Duration longestPause,
        int atOnce,
        int mostWaiting,
        int mostDead,
        int mostWebhooks) {
    public WebhookSettings {
        atLeastOne("tries", tries);
        atLeastOne("atOnce", atOnce);
        atLeastOne("mostWaiting", mostWaiting);
        atLeastOne("mostDead", mostDead);
        atLeastOne("mostWebhooks", mostWebhooks);
        if (firstPause.isZero() || firstPause.isNegative()) {
            throw new IllegalArgumentException("firstPause: " + firstPause + " (expected: more than zero)");
        }
        if (longestPause.compareTo(firstPause) < 0) {
            throw new IllegalArgumentException(
                    "longestPause: " + longestPause + " (expected: at least firstPause, " + firstPause + ")");
        }
    }

    /** 8 tries, the pauses 1 s, 4 s, 16 s … 1 h; 2 at once; 1,000 waiting, 1,000 dead letters each; 100 webhooks. */
    public static WebhookSettings defaults() {
        return new WebhookSettings(8, Duration.ofSeconds(1), Duration.ofHours(1), 2, 1_000, 1_000, 100);
    }

    private static void atLeastOne(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
        }
    }
}
