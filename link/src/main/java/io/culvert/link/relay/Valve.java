package io.culvert.link.relay;

/**
 * Decides how many bytes of one direction of a relay may pass. Called on the relay's thread as pieces come; must not touch the
 * relay from within the call.
 */
public interface Valve {
    /**
     * Lets bytes pass. Where it lets fewer than wanted, the rest waits in the relay, whose source rests; whoever set the valve calls
     * {@link Relay#resume} once more may pass.
     *
     * @param wanted at least 1
     * @return 0 to {@code wanted}; so many bytes are handed on at once
     */
    int pass(int wanted);

    /**
     * How many bytes the valve likes to find waiting, at least 1: the source rests only from there on. One that lets bytes pass in turns can
     * fill each turn only if they are there.
     */
    default int ahead() {
        return 1;
    }
}
