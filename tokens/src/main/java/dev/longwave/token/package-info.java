/**
 * JSON Web Tokens: {@link dev.longwave.token.KeySet} reads keys, {@link
 * dev.longwave.token.TokenVerifier} says whether a token may be trusted, and {@link
 * dev.longwave.token.TokenIssuer} signs one.
 *
 * <p>The rules are those of RFC 8725. The key decides which algorithms are possible; nothing in a
 * token can name a key that is not configured, or a way to fetch one.
 */
@NullMarked
package dev.longwave.token;

import org.jspecify.annotations.NullMarked;
