package io.culvert.control.access;

import java.util.List;
import java.util.concurrent.CompletionStage;

/** Signing in, and what a user does with its own login; stages as in {@link Users}. Any thread. */
@SuppressWarnings("DoNotCallSuggester") // the face first: nothing is behind it yet
public final class Logins {
    Logins() {}

    /**
     * Lets a user in. An unknown user, a disabled one and a wrong password cost the same time and are told in the same words.
     *
     * @return fails with {@link io.culvert.control.UnauthorizedException}, {@link io.culvert.control.SecondFactorException} (the password was
     *     right, a code is missing) or {@link io.culvert.control.ThrottledException}
     */
    public CompletionStage<SignedIn> signIn(Credentials shown, Origin from) {
        throw new UnsupportedOperationException();
    }

    /**
     * Lets in whom an identity provider vouches for; makes the user at the first time, and gives it the roles that its groups have now.
     *
     * @return fails with {@link io.culvert.control.UnauthorizedException} for a disabled user, {@link io.culvert.control.ConflictException}
     *     where the name is another user's
     */
    public CompletionStage<SignedIn> signIn(ExternalUser user, Origin from) {
        throw new UnsupportedOperationException();
    }

    /** The logins of the same user, newest first. */
    public List<Login> list(Visit visit) {
        throw new UnsupportedOperationException();
    }

    /** Ends one of the same user's logins, this one or another. */
    public CompletionStage<Void> end(Visit visit, String id) {
        throw new UnsupportedOperationException();
    }

    /**
     * Changes the password; all other logins of the user end.
     *
     * @return fails with {@link io.culvert.control.UnauthorizedException} where the old one is wrong,
     *     {@link io.culvert.control.InvalidRequestException} where the new one is bad, {@link io.culvert.control.ThrottledException}
     */
    public CompletionStage<Void> changePassword(Visit visit, String old, String fresh, Origin from) {
        throw new UnsupportedOperationException();
    }

    /** Makes a second factor, which is none before it was confirmed. A conflict where there is one. */
    public CompletionStage<SecondFactor> beginSecondFactor(Visit visit) {
        throw new UnsupportedOperationException();
    }

    /**
     * Confirms it with a code.
     *
     * @return ten recovery codes, told only here, each good once in place of a code
     */
    public CompletionStage<List<String>> confirmSecondFactor(Visit visit, String code, Origin from) {
        throw new UnsupportedOperationException();
    }

    /** Ten new recovery codes in place of the old ones, for a code. */
    public CompletionStage<List<String>> renewRecoveryCodes(Visit visit, String code, Origin from) {
        throw new UnsupportedOperationException();
    }

    /** Goes back to the password alone, for a code or a recovery code. */
    public CompletionStage<Void> removeSecondFactor(Visit visit, String code, Origin from) {
        throw new UnsupportedOperationException();
    }
}
