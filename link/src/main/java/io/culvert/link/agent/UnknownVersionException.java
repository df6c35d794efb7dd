package io.culvert.link.agent;

import io.culvert.link.bytes.MalformedException;

/**
 * The peer speaks Culvert's protocol in a version that we do not. Thrown apart from other faults because this one deserves an answer:
 * {@link RefusalCode#VERSION}. Immutable, any thread.
 */
public final class UnknownVersionException extends MalformedException {
    UnknownVersionException(int version) {
        super("protocol version: " + version + " (expected: " + MessageCodec.VERSION + ")");
    }
}
