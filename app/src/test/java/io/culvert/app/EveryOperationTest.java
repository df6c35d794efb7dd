package io.culvert.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.culvert.client.AuditFilter;
import io.culvert.client.CulvertApiException;
import io.culvert.client.CulvertClient;
import io.culvert.client.EventFeed;
import io.culvert.client.EventFilter;
import io.culvert.client.EventListener;
import io.culvert.client.NewKey;
import io.culvert.client.NewTunnel;
import io.culvert.client.Protocol;
import io.culvert.client.Quotas;
import io.culvert.client.TunnelChange;
import io.culvert.client.TunnelFilter;
import io.culvert.client.Usage;
import io.culvert.client.UserSettings;
import io.culvert.client.WebhookSettings;
import io.culvert.web.contract.Contract;
import io.culvert.web.contract.ContractOperation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The Java client has a method for each operation of the contract, and none that the contract does not have. */
class EveryOperationTest {
    /** What takes the cookie of a login; the client shows a key, which has none. */
    private static final Set<String> OF_A_LOGIN = Set.of(
            "signIn",
            "signOut",
            "changePassword",
            "beginSecondFactor",
            "confirmSecondFactor",
            "renewRecoveryCodes",
            "removeSecondFactor",
            "listLogins",
            "endLogin");

    private static final NewTunnel TUNNEL = NewTunnel.to("127.0.0.1:22", Duration.ofMinutes(1));

    private static final Map<Type, Object> ARGUMENTS = Map.ofEntries(
            Map.entry(long.class, 1L),
            Map.entry(int.class, 1),
            Map.entry(Long.class, 1L),
            Map.entry(boolean.class, true),
            Map.entry(String.class, "1"),
            Map.entry(Duration.class, Duration.ofSeconds(1)),
            Map.entry(Instant.class, Instant.EPOCH),
            Map.entry(Optional.class, Optional.empty()),
            Map.entry(Protocol.class, Protocol.TCP),
            Map.entry(NewTunnel.class, TUNNEL),
            Map.entry(TunnelChange.class, TunnelChange.builder().comment("x").build()),
            Map.entry(TunnelFilter.class, TunnelFilter.all()),
            Map.entry(AuditFilter.class, AuditFilter.all()),
            Map.entry(EventFilter.class, EventFilter.all()),
            Map.entry(EventListener.class, (EventListener) event -> {}),
            Map.entry(Usage.Grain.class, Usage.Grain.HOUR),
            Map.entry(NewKey.class, NewKey.of(List.of("tunnels:read")).build()),
            Map.entry(Quotas.class, Quotas.NONE),
            Map.entry(UserSettings.class, UserSettings.builder().title("x").build()),
            Map.entry(WebhookSettings.class, WebhookSettings.to(URI.create("http://127.0.0.1/"))));

    private final Set<String> sent = new ConcurrentSkipListSet<>();

    @Test
    void eachHasAMethodAndEachMethodIsOne() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            sent.add(
                    exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath());
            // A refusal for good: nothing is tried again, and nothing of the answer is read.
            exchange.sendResponseHeaders(400, -1);
            exchange.close();
        });
        server.start();
        try {
            CulvertClient client = CulvertClient.to(
                            URI.create("http://127.0.0.1:" + server.getAddress().getPort()))
                    .build();
            callAll(client);
        } finally {
            server.stop(0);
        }
        Map<String, Pattern> operations = Contract.load().operations().stream()
                .filter(operation -> !OF_A_LOGIN.contains(operation.id()))
                .collect(Collectors.toMap(ContractOperation::id, EveryOperationTest::pattern));
        assertThat(operations.entrySet().stream()
                        .filter(operation -> sent.stream()
                                .noneMatch(line ->
                                        operation.getValue().matcher(line).matches()))
                        .map(Map.Entry::getKey))
                .as("operations without a method")
                .isEmpty();
        assertThat(sent.stream()
                        .filter(line -> operations.values().stream()
                                .noneMatch(pattern -> pattern.matcher(line).matches())))
                .as("methods without an operation")
                .isEmpty();
    }

    private static Pattern pattern(ContractOperation operation) {
        return Pattern.compile(operation.method() + " /api/v1"
                + operation.path().replaceAll("\\{[a-z]+}", "[a-z0-9]+").replace(".", "\\."));
    }

    /** Each method of the client, and of what it has in parts. */
    private static void callAll(Object part) throws Exception {
        for (Method method : part.getClass().getMethods()) {
            boolean own = method.getDeclaringClass().equals(part.getClass())
                    && !Modifier.isStatic(method.getModifiers())
                    && !Set.of("toString", "close", "run").contains(method.getName());
            if (!own) {
                continue;
            }
            Object[] arguments = Arrays.stream(method.getGenericParameterTypes())
                    .map(EveryOperationTest::argument)
                    .toArray();
            try {
                Object answer = method.invoke(part, arguments);
                if (answer instanceof EventFeed feed) {
                    feed.run();
                } else if (answer != null && answer.getClass().getPackage().equals(CulvertClient.class.getPackage())) {
                    callAll(answer);
                }
            } catch (InvocationTargetException e) {
                assertThat(e.getCause()).as(method.toString()).isInstanceOf(CulvertApiException.class);
            } catch (CulvertApiException e) {
                assertThat(e.status()).isEqualTo(400);
            }
        }
    }

    private static Object argument(Type type) {
        if (type instanceof ParameterizedType many && many.getRawType().equals(List.class)) {
            return List.of(argument(many.getActualTypeArguments()[0]));
        }
        Type plain = type instanceof ParameterizedType one ? one.getRawType() : type;
        return Objects.requireNonNull(ARGUMENTS.get(plain), () -> "a sample of " + type);
    }
}
