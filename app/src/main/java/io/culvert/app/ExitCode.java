package io.culvert.app;

/** What the process answers to whoever started it. Constants, any thread. */
public final class ExitCode {
    /** Done, or stopped as asked. (A process that a signal ended answers 128 and the signal's number instead, as Java does.) */
    public static final int OK = 0;

    /** Something did not work: a port is taken, a file cannot be read, the server does not answer. */
    public static final int FAILURE = 1;

    /** The command line or the configuration cannot be carried out; nothing was started. */
    public static final int USAGE = 2;

    /** The server said no, or the tunnel has ended. */
    public static final int REFUSED = 3;

    private ExitCode() {}
}
