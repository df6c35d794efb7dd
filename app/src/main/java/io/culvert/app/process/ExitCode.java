package io.culvert.app.process;

/** What the process answers to whoever started it. Constants, any thread. */
public final class ExitCode {
    /** Done, or stopped as asked. (A process that a signal ended answers 128 and the signal's number instead, as Java does.) */
    public static final int OK = 0;

    /**
     * Something did not work: a port is taken, a file cannot be read, the server does not answer or cannot just now (HTTP 5xx), a probe
     * failed, what was waited for did not come. Trying again may help.
     */
    public static final int FAILURE = 1;

    /** The command line or the configuration cannot be carried out; nothing was done. */
    public static final int USAGE = 2;

    /** The server said no (HTTP 4xx): no good key, no such tunnel, a taken name. Or the tunnel has ended. */
    public static final int REFUSED = 3;

    private ExitCode() {}
}
