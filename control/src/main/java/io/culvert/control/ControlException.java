package io.culvert.control;

/** Why a request of a caller was not carried out; nothing was changed. The message is written for the caller. */
public abstract sealed class ControlException extends RuntimeException
        permits ConflictException,
                ForbiddenException,
                InvalidRequestException,
                NoSuchTokenException,
                NoSuchTunnelException,
                NoSuchWebhookException,
                NotFoundException,
                PortTakenException,
                QuotaException,
                SecondFactorException,
                StaleVersionException,
                StoreUnavailableException,
                ThrottledException,
                UnauthorizedException {
    ControlException(String message) {
        super(message);
    }

    ControlException(String message, Throwable cause) {
        super(message, cause);
    }
}
