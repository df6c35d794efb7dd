package io.culvert.control.access;

/**
 * What hashing one password costs, by argon2id. Immutable, any thread.
 *
 * @param kibibytes memory, 8 to 1,048,576
 * @param passes over that memory, 1 to 100
 * @param lanes 1 to 16, one after the other: they cost no more time, and an attacker's hardware no less
 */
public record Argon2Cost(int kibibytes, int passes, int lanes) {
    /** 19 MiB, two passes, one lane: OWASP's choice for servers that are short of memory. */
    public static final Argon2Cost DEFAULT = new Argon2Cost(19 * 1024, 2, 1);
    /**
     * The least there is, for what {@link Secrets#password} made: nobody searches 120 random bits. NIST draws that line, for secrets to look up, at 112
     * (SP 800-63B-4, 3.1.2.2). Never the cost of people's passwords.
     */
    static final Argon2Cost MADE = new Argon2Cost(8, 1, 1);

    public Argon2Cost {
        within("kibibytes", kibibytes, 8, 1_048_576);
        within("passes", passes, 1, 100);
        within("lanes", lanes, 1, 16);
    }

    private static void within(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + ": " + value + " (expected: " + least + " to " + most + ")");
        }
    }
}
