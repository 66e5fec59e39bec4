/**
 * The embedded broker: topics, logs and presence in the memory of one node.
 *
 * <p>It needs nothing else to run, and nothing survives the process: each start is a new epoch, so
 * that a reader who comes back after a restart is told so.
 */
@NullMarked
package dev.longwave.broker.memory;

import org.jspecify.annotations.NullMarked;
