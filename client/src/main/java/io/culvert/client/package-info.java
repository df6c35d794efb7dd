/**
 * A typed client of {@code /api/v1}. JDK types at its face; embeddable.
 *
 * <pre>{@code
 * CulvertClient culvert = CulvertClient.to(URI.create("http://127.0.0.1:8000")).key(key).build();
 * CreatedTunnel created = culvert.tunnels().create(NewTunnel.builder()
 *         .name("preview").label("build", "4711")
 *         .expose(Expose.tcp("127.0.0.1:8080"))
 *         .lease(LeaseSettings.ttl(Duration.ofMinutes(1)))
 *         .policies(PolicySettings.builder().most(PolicySettings.Bound.CONNECTIONS, 200).build())
 *         .build());
 * long id = created.tunnel().id();
 * culvert.tunnels().renew(id);
 * culvert.tunnels().delete(id);
 * }</pre>
 */
@NullMarked
package io.culvert.client;

import org.jspecify.annotations.NullMarked;
