package io.culvert.web.oidc;

/** The provider does not do what it must, or does not vouch for somebody. The message never holds a code, a token or a secret. */
class ProviderException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ProviderException(String message) {
        super(message);
    }

    ProviderException(String message, Throwable cause) {
        super(message, cause);
    }
}
