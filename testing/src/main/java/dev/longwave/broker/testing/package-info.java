/**
 * Real servers for the tests of brokers, and what goes wrong with them.
 *
 * <p>Each server has a directory and a port of its own on loopback, is killed when it is closed or
 * the JVM ends, and leaves nothing behind. Where a program is missing, the test is skipped or
 * fails: {@link dev.longwave.broker.testing.RequiredProgram}.
 */
@NullMarked
package dev.longwave.broker.testing;

import org.jspecify.annotations.NullMarked;
