package io.culvert.web;

import io.culvert.control.access.AccessService;
import io.culvert.web.oidc.Provider;
import java.util.Optional;

/**
 * Who may sign in. Immutable, any thread.
 *
 * @param access users, and what they may do
 * @param provider who vouches for people, beside their own passwords
 */
public record People(AccessService access, Optional<Provider> provider) {}
