/** The members of topics on all nodes: memberships as leases, views of them, and watches. */
@NullMarked
package dev.longwave.server.presence;

import org.jspecify.annotations.NullMarked;
