/**
 * The embedded broker: topics, logs, and presence in the memory of one node.
 *
 * <p>It needs no server, and nothing survives the process. Each start is a new epoch, so a reader
 * that resumes after a restart is told of it.
 */
@NullMarked
package dev.longwave.broker.memory;

import org.jspecify.annotations.NullMarked;
