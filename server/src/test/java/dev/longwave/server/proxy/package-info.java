/** Longwave behind the proxies that stand in front of servers. */
@NullMarked
package dev.longwave.server.proxy;

import org.jspecify.annotations.NullMarked;
