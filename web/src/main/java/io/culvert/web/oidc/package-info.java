/** People who sign in with an identity provider: OpenID Connect, authorization code with PKCE. */
@NullMarked
package io.culvert.web.oidc;

import org.jspecify.annotations.NullMarked;
