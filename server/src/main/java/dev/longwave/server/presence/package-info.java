/**
 * Who is in a topic, on all nodes: memberships as leases, the views of them, and those who watch.
 */
@NullMarked
package dev.longwave.server.presence;

import org.jspecify.annotations.NullMarked;
