/**
 * Keys and signed tokens (JWT, RFC 7519): {@link dev.longwave.token.TokenVerifier} says whether a
 * token is good, and {@link dev.longwave.token.TokenIssuer} makes one.
 */
@NullMarked
package dev.longwave.token;

import org.jspecify.annotations.NullMarked;
