/**
 * The kit for authors of brokers: contract tests, real servers, and what goes wrong with them.
 *
 * <p>{@link dev.longwave.broker.testing.BrokerContractTest} is what a broker's test extends; {@link
 * dev.longwave.broker.testing.DeploymentFixture} says what it supplies. {@link
 * dev.longwave.broker.testing.ServerProcess} runs a server, {@link
 * dev.longwave.broker.testing.FaultProxy} breaks connections to it, and {@link
 * dev.longwave.broker.testing.ProxyFaults} makes of both what the tests of faults ask for; its
 * documentation has a whole test to start from.
 *
 * <p>Each server has a directory and a port of its own on loopback, is killed when it is closed or
 * the JVM ends, and leaves nothing behind. Where a program is missing, the test is skipped or
 * fails: {@link dev.longwave.broker.testing.RequiredProgram}.
 */
@NullMarked
package dev.longwave.broker.testing;

import org.jspecify.annotations.NullMarked;
