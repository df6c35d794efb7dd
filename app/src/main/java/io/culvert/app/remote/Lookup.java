package io.culvert.app.remote;

import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.ExitCode;
import io.culvert.app.process.Reasons;
import io.culvert.client.CulvertApiException;
import io.culvert.client.State;
import io.culvert.client.Tunnel;
import io.culvert.client.TunnelFilter;
import io.culvert.client.Tunnels;
import java.io.IOException;
import java.util.Comparator;
import java.util.Optional;

/** Which tunnel a word means: digits are its number, all else its name. Asks the server for names. One thread. */
final class Lookup {
    private final Tunnels tunnels;

    Lookup(Tunnels tunnels) {
        this.tunnels = tunnels;
    }

    /** The number of a living tunnel, which is not checked; refused where no living one has the name. */
    long id(String word) throws IOException, CommandFailure {
        Optional<Long> number = number(word);
        if (number.isPresent()) {
            return number.get();
        }
        return tunnels.find(word)
                .map(Tunnel::id)
                .orElseThrow(
                        () -> new CommandFailure(ExitCode.REFUSED, "no living tunnel has the name '" + word + "'"));
    }

    /** A tunnel, also one that ended within the last day: of several with the name, the living one, else the last. */
    Tunnel any(String word) throws IOException, CommandFailure {
        Optional<Long> number = number(word);
        if (number.isPresent()) {
            return tunnels.get(number.get());
        }
        Optional<Tunnel> living = tunnels.find(word);
        if (living.isPresent()) {
            return living.get();
        }
        return tunnels.list(TunnelFilter.all().state(State.ENDED).containing(word)).stream()
                .filter(tunnel -> tunnel.name().equals(Optional.of(word)))
                .max(Comparator.comparingLong(Tunnel::id))
                .orElseThrow(() -> new CommandFailure(
                        ExitCode.REFUSED, "no tunnel has the name '" + word + "', or had it within a day"));
    }

    private static Optional<Long> number(String word) {
        return Values.NUMBER.reader().apply(word);
    }

    /** What a person is told of a refusal or a failure of one of several. */
    static String words(Exception failure) {
        return failure instanceof CulvertApiException refusal ? Refusals.words(refusal) : Reasons.of(failure);
    }
}
