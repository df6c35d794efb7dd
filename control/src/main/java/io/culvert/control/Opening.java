package io.culvert.control;

import io.culvert.gateway.OpenTunnel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A tunnel that is being made, while the data plane tries its ports. Control thread only. */
final class Opening {
    final long id;
    final Caller caller;
    final String project;
    final CreateTunnel request;
    final PortBook.Asker asker;
    final Optional<IdempotencyKey> key;
    final String join;
    final SecretHash secret;
    /** Ports that were tried. */
    final Set<HeldPort> avoid = new HashSet<>();
    /** Ports that are held for it in the {@link PortBook}. */
    final Set<HeldPort> held = new HashSet<>();
    /** How often the system has picked a port that is somebody's. */
    int unlucky;

    /** As they are asked for now: with numbers where this server picks. */
    List<Expose> exposes = List.of();

    Optional<Bridge> bridge = Optional.empty();
    CompletionStage<OpenTunnel> stage = new CompletableFuture<>();

    Opening(
            long id,
            Caller caller,
            String project,
            CreateTunnel request,
            Optional<IdempotencyKey> key,
            String join,
            SecretHash secret) {
        this.id = id;
        this.caller = caller;
        this.request = request;
        this.project = project;
        this.asker = new PortBook.Asker(caller, project, request.name());
        this.key = key;
        this.join = join;
        this.secret = secret;
    }

    /** The candidates of this server's own choice that have this number: it may try others for them. */
    List<HeldPort> picked(int number) {
        List<HeldPort> picked = new ArrayList<>();
        for (int i = 0; i < exposes.size(); i++) {
            if (exposes.get(i).port() == number && request.exposes().get(i).port() == 0) {
                picked.add(HeldPort.of(exposes.get(i)));
            }
        }
        if (request.bridge().filter(wanted -> wanted.port() == 0).isPresent()) {
            bridge.filter(own -> own.port() == number).map(HeldPort::of).ifPresent(picked::add);
        }
        return picked;
    }
}
