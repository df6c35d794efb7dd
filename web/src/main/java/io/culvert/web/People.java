package io.culvert.web;

import io.culvert.control.access.AccessService;
import io.culvert.control.audit.AuditLog;
import io.culvert.web.oidc.Provider;
import java.util.Optional;

/**
 * Who may come in, and what is written down of it. Immutable, any thread.
 *
 * @param access users, and what they may do
 * @param audit is told what everybody does
 * @param provider who vouches for people, beside their own passwords
 */
public record People(AccessService access, AuditLog audit, Optional<Provider> provider) {}
