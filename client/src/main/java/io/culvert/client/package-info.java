/**
 * A typed client of {@code /api/v1}. JDK types at its face; embeddable.
 *
 * <pre>{@code
 * CulvertClient culvert = CulvertClient.to(URI.create("http://127.0.0.1:8000")).key(key).build();
 * NewTunnel wanted = NewTunnel.builder()
 *         .name("preview")
 *         .expose(Expose.tcp("127.0.0.1:8080"))
 *         .lease(LeaseSettings.ttl(Duration.ofMinutes(1)))
 *         .build();
 * CreatedTunnel created = culvert.tunnels().create(wanted);
 * culvert.tunnels().renew(created.tunnel().id());
 * culvert.traffic().probe(created.tunnel().id(), 0).steps().forEach(System.out::println);
 * culvert.tunnels().delete(created.tunnel().id());
 * }</pre>
 */
@NullMarked
package io.culvert.client;

import org.jspecify.annotations.NullMarked;
