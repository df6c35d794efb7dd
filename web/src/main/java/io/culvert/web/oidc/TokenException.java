package io.culvert.web.oidc;

/** A provider has handed a token out, and it is not one to believe: nobody gets here without the provider's help. The message holds nothing of the token. */
final class TokenException extends ProviderException {
    private static final long serialVersionUID = 1L;

    TokenException(String message) {
        super(message);
    }

    TokenException(String message, Throwable cause) {
        super(message, cause);
    }
}
