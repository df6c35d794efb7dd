package io.culvert.link.relay;

import io.netty.buffer.ByteBuf;

/**
 * One end of a relayed connection: a socket, or a stream of a session. All calls come from the one thread that both legs of a relay live
 * on; every event goes to the {@link LegEvents} that was attached.
 */
public interface Leg {
    /** Where events go from now on; bytes and an end that came before are told at once. */
    void attach(LegEvents events);

    /** Sends bytes, at the latest with the next {@link #flush}. Takes the buffer over; a leg that is closed drops it. */
    void write(ByteBuf bytes);

    /** Lets what was written go. */
    void flush();

    /** False while enough is waiting to be sent; {@link LegEvents#writable} tells the turn. */
    boolean writable();

    /** Rests or resumes reading. A leg whose source is bounded by credit may go on. */
    void reading(boolean on);

    /** Bytes that this leg delivered have left on the other side; a leg with credit hands it back. */
    void consumed(int bytes);

    /** Ends this leg's sending direction behind what was written (half-close). Repeating it does nothing. */
    void end();

    /** Ends both directions at once, so that the far end sees a reset. Events stop. Repeating it does nothing. */
    void reset();
}
