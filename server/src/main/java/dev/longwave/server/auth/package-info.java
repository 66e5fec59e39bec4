/**
 * Who a client is, and what it may do. Handlers know {@link dev.longwave.server.auth.Access} and
 * {@link dev.longwave.server.auth.Identity}; the rest is how they come about.
 */
@NullMarked
package dev.longwave.server.auth;

import org.jspecify.annotations.NullMarked;
