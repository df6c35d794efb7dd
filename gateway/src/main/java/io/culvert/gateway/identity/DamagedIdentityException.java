package io.culvert.gateway.identity;

import java.io.IOException;

/** The identity on disk cannot be used as it is. Nothing was changed; the message names the file and what is wrong with it. */
public final class DamagedIdentityException extends IOException {
    DamagedIdentityException(String message) {
        super(message);
    }

    DamagedIdentityException(String message, Throwable cause) {
        super(message, cause);
    }
}
