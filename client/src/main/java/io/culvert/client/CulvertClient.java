package io.culvert.client;

import io.culvert.client.http.ApiHttp;
import io.culvert.client.http.Trust;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * Calls a Culvert server by its API, {@code /api/v1}. Each call waits for the answer: a refusal by the server is a
 * {@link CulvertApiException}, anything else that goes wrong (no connection, no answer in time, an answer that is none of the API's) an
 * {@link IOException}. Calls that do the same when they are done twice are tried again for some seconds where the connection breaks. An
 * id or a name that no path can hold ({@code ..}, or nothing) is an {@link IllegalArgumentException}, and nothing is sent. Thread-safe.
 */
public final class CulvertClient {
    private final Api api;

    private CulvertClient(Api api) {
        this.api = api;
    }

    /** Address {@code http://HOST:PORT} or {@code https://HOST:PORT}; a path in front of {@code /api} is kept. */
    public static Builder to(URI server) {
        return new Builder(server);
    }

    /** The leased tunnels. */
    public Tunnels tunnels() {
        return new Tunnels(api);
    }

    /** Tokens that invite further agents to serve a tunnel. */
    public JoinTokens joinTokens() {
        return new JoinTokens(api);
    }

    /** Who is connected, what was carried, and where the way is broken. */
    public Traffic traffic() {
        return new Traffic(api);
    }

    /** Public ports and pools of them. */
    public Ports ports() {
        return new Ports(api);
    }

    /** What happens, as it happens. */
    public Events events() {
        return new Events(api);
    }

    /** Who is told of events by HTTP. */
    public Webhooks webhooks() {
        return new Webhooks(api);
    }

    /** Who may sign in. */
    public Users users() {
        return new Users(api);
    }

    /** Projects and who is what in them. */
    public Projects projects() {
        return new Projects(api);
    }

    /** Keys of the API. */
    public Keys keys() {
        return new Keys(api);
    }

    /** Who did what. */
    public Audit audit() {
        return new Audit(api);
    }

    /** Who the caller is. */
    public Identity identity() throws IOException {
        return Identity.read(api.get("session").answer());
    }

    /** How one signs in: with a password, with an identity provider, or not at all. */
    public Ways ways() throws IOException {
        return Ways.read(api.get("session/ways").answer());
    }

    /** The contract that the server keeps, as YAML. */
    public String contract() throws IOException {
        return api.get("openapi.yaml").text();
    }

    /** The same as JSON. */
    public Document contractAsJson() throws IOException {
        return api.get("openapi.json").answer().document();
    }

    /** The server itself. */
    public ServerStatus server() throws IOException {
        return ServerStatus.read(api.get("server").answer());
    }

    /** On: the server takes no new tunnels and lets no new visitors in. Tells how it is now. */
    public boolean drainServer(boolean on) throws IOException {
        return api.post("server/drain")
                .body(Api.object().put("on", on))
                .repeatable()
                .answer()
                .truth("draining");
    }

    /** The server only. */
    @Override
    public String toString() {
        return "CulvertClient[" + api + "]";
    }

    /** Whom to call and how. One thread. */
    public static final class Builder {
        private final URI server;
        private Optional<String> key = Optional.empty();
        private Duration timeout = Duration.ofSeconds(30);
        private Optional<SSLContext> tls = Optional.empty();

        private Builder(URI server) {
            this.server = server;
        }

        /** An access key of the server's. Sent as {@code Authorization: Bearer}, never in an address. */
        public Builder key(String secret) {
            key = Optional.of(secret);
            return this;
        }

        /** How long a call may take, all its tries together, more than zero; 30 s unless said. */
        public Builder timeout(Duration most) {
            timeout = most;
            return this;
        }

        /**
         * Trusts servers whose certificate one of these issued, beside whom the system trusts.
         *
         * @param authorities PEM
         * @throws IOException where the file cannot be read, or holds no certificate
         */
        public Builder trusting(Path authorities) throws IOException {
            tls = Optional.of(Trust.withAuthorities(authorities));
            return this;
        }

        /**
         * Makes no connection yet.
         *
         * @throws IllegalArgumentException where the address, the key or the time is none
         */
        public CulvertClient build() {
            return new CulvertClient(new Api(new ApiHttp(server, key, timeout, tls)));
        }
    }
}
