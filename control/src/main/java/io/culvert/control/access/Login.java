package io.culvert.control.access;

import java.time.Instant;

/**
 * A user who has signed in somewhere. Immutable, any thread.
 *
 * @param id twelve characters, by which it is ended; no secret
 * @param seen when it was last used; to the minute after a restart
 * @param address where the sign-in came from, as text
 * @param agent what the browser called itself then, at most 200 characters
 * @param ends when it ends however much it is used; without use it ends before
 */
public record Login(
        String id, String user, Instant created, Instant seen, String address, String agent, Instant ends) {}
