package io.culvert.app.e2e;

import static org.springframework.security.config.Customizer.withDefaults;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.oidc.OidcUserInfo;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimsSet;
import org.springframework.security.oauth2.jwt.JwtEncoder;
import org.springframework.security.oauth2.jwt.NimbusJwtEncoder;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.config.annotation.web.configurers.OAuth2AuthorizationServerConfigurer;
import org.springframework.security.oauth2.server.authorization.oidc.OidcProviderConfiguration;
import org.springframework.security.oauth2.server.authorization.settings.AuthorizationServerSettings;
import org.springframework.security.oauth2.server.authorization.settings.ClientSettings;
import org.springframework.security.oauth2.server.authorization.token.JwtEncodingContext;
import org.springframework.security.oauth2.server.authorization.token.OAuth2TokenCustomizer;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.LoginUrlAuthenticationEntryPoint;

/**
 * A real identity provider, Spring Authorization Server, whose people, groups and keys a test rules, and that lies where a test wants it to. It
 * calls itself {@code localhost}, so that to a browser it is another site than the server at {@code 127.0.0.1}. Any thread.
 */
final class IdentityProvider implements AutoCloseable {
    static final String CLIENT = "culvert";
    static final String SECRET = "what only the two of them know";
    static final String PUBLIC_CLIENT = "culvert-public";
    static final String PASSWORD = "herons";

    private final int port;
    private final Map<String, List<String>> groups = new ConcurrentHashMap<>();
    private volatile RSAKey key = newKey();
    private volatile String redirect = "";
    private volatile boolean groupsInToken = true;
    private volatile Consumer<JwtClaimsSet.Builder> twist = claims -> {};
    private volatile UnaryOperator<String> forgery = token -> token;
    private volatile Consumer<OidcProviderConfiguration.Builder> description = document -> {};
    private Optional<ConfigurableApplicationContext> running = Optional.empty();

    private IdentityProvider(int port) {
        this.port = port;
    }

    /** On a port that stays free while it is down. */
    static IdentityProvider start(World world) {
        return world.closing(world.onFreePort(port -> {
                    IdentityProvider provider = new IdentityProvider(port);
                    return provider.up() ? Optional.of(provider) : Optional.empty();
                })
                .orElseThrow());
    }

    /** Comes up, again perhaps; false where its port is taken. */
    boolean up() {
        try {
            running = Optional.of(new SpringApplicationBuilder(Parts.class)
                    .initializers(context ->
                            ((GenericApplicationContext) context).registerBean(IdentityProvider.class, () -> this))
                    .properties(Map.of(
                            "server.port", port,
                            "server.address", "127.0.0.1",
                            "server.shutdown", "immediate",
                            "spring.main.banner-mode", "off",
                            "logging.level.root", "warn"))
                    .run());
            return true;
        } catch (RuntimeException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof PortInUseException) {
                    return false;
                }
            }
            throw e;
        }
    }

    void down() {
        running.ifPresent(ConfigurableApplicationContext::close);
        running = Optional.empty();
    }

    String issuer() {
        return "http://localhost:" + port;
    }

    /** The only place where it sends people back to. */
    void sendsBackTo(String address) {
        redirect = address;
    }

    void putInto(String user, String... fresh) {
        groups.put(user, List.of(fresh));
    }

    /** Signs with another key from now on, and knows the old one no more. */
    void rotate() {
        key = newKey();
    }

    RSAKey key() {
        return key;
    }

    /** Tells the groups at its userinfo endpoint alone. */
    void tellsGroupsLater() {
        groupsInToken = false;
    }

    /** Says something else of itself. */
    void describes(Consumer<OidcProviderConfiguration.Builder> said) {
        description = said;
    }

    /** Signs something else than what is true. */
    void twists(Consumer<JwtClaimsSet.Builder> lie) {
        twist = lie;
    }

    /** Hands out something else than what it signed. */
    void forges(UnaryOperator<String> lie) {
        forgery = lie;
    }

    void isHonest() {
        twist = claims -> {};
        forgery = token -> token;
    }

    @Override
    public void close() {
        down();
    }

    private static RSAKey newKey() {
        try {
            return new RSAKeyGenerator(2048).keyID(UUID.randomUUID().toString()).generate();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private RegisteredClient client(String id) {
        RegisteredClient.Builder client = RegisteredClient.withId(id)
                .clientId(id)
                .authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
                .redirectUri(redirect)
                .scope("openid")
                .scope("profile")
                .clientSettings(ClientSettings.builder().requireProofKey(true).build());
        if (id.equals(PUBLIC_CLIENT)) {
            client.clientAuthenticationMethod(ClientAuthenticationMethod.NONE);
        } else {
            client.clientSecret("{noop}" + SECRET)
                    .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
                    .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_POST);
        }
        return client.build();
    }

    private void write(JwtEncodingContext context) {
        if (context.getTokenType().getValue().equals("id_token")) {
            String user = context.getPrincipal().getName();
            JwtClaimsSet.Builder claims = context.getClaims();
            claims.claim("preferred_username", user).claim("name", "The one called " + user);
            if (groupsInToken) {
                claims.claim("groups", groups.getOrDefault(user, List.of()));
            }
            twist.accept(claims);
        }
    }

    private Jwt sign(
            JWKSource<SecurityContext> keys, org.springframework.security.oauth2.jwt.JwtEncoderParameters what) {
        Jwt signed = new NimbusJwtEncoder(keys).encode(what);
        return signed.hasClaim("nonce")
                ? new Jwt(
                        forgery.apply(signed.getTokenValue()),
                        signed.getIssuedAt(),
                        signed.getExpiresAt(),
                        signed.getHeaders(),
                        signed.getClaims())
                : signed;
    }

    private OidcUserInfo tell(String user) {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("sub", user);
        claims.put("groups", groups.getOrDefault(user, List.of()));
        return new OidcUserInfo(claims);
    }

    /** What Spring puts together. */
    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Parts {
        @Bean
        @Order(1)
        SecurityFilterChain protocol(HttpSecurity http, IdentityProvider self) throws Exception {
            OAuth2AuthorizationServerConfigurer server = OAuth2AuthorizationServerConfigurer.authorizationServer();
            return http.securityMatcher(server.getEndpointsMatcher())
                    .with(
                            server,
                            it -> it.oidc(oidc -> oidc.providerConfigurationEndpoint(
                                            at -> at.providerConfigurationCustomizer(
                                                    document -> self.description.accept(document)))
                                    .userInfoEndpoint(at -> at.userInfoMapper(context ->
                                            self.tell(context.getAuthorization().getPrincipalName())))))
                    .authorizeHttpRequests(each -> each.anyRequest().authenticated())
                    .oauth2ResourceServer(resource -> resource.jwt(withDefaults()))
                    .exceptionHandling(
                            it -> it.authenticationEntryPoint(new LoginUrlAuthenticationEntryPoint("/login")))
                    .build();
        }

        @Bean
        @Order(2)
        SecurityFilterChain door(HttpSecurity http) throws Exception {
            // Its own form is not what is tested: it takes a password without a token.
            return http.authorizeHttpRequests(each -> each.anyRequest().authenticated())
                    .csrf(it -> it.disable())
                    .formLogin(withDefaults())
                    .build();
        }

        @Bean
        UserDetailsService people() {
            return name -> User.withUsername(name).password("{noop}" + PASSWORD).build();
        }

        @Bean
        RegisteredClientRepository clients(IdentityProvider self) {
            return new RegisteredClientRepository() {
                @Override
                public void save(RegisteredClient client) {
                    // It would keep the secret as a hash.
                }

                @Override
                public RegisteredClient findById(String id) {
                    return self.client(id);
                }

                @Override
                public RegisteredClient findByClientId(String id) {
                    return self.client(id);
                }
            };
        }

        @Bean
        AuthorizationServerSettings settings(IdentityProvider self) {
            return AuthorizationServerSettings.builder().issuer(self.issuer()).build();
        }

        @Bean
        JWKSource<SecurityContext> keys(IdentityProvider self) {
            return (selector, context) -> selector.select(new JWKSet(self.key));
        }

        @Bean
        JwtEncoder encoder(JWKSource<SecurityContext> keys, IdentityProvider self) {
            return what -> self.sign(keys, what);
        }

        @Bean
        OAuth2TokenCustomizer<JwtEncodingContext> claims(IdentityProvider self) {
            return self::write;
        }
    }
}
