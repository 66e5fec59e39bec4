package dev.longwave.server.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Broker;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class MeasuredBrokerTest {

    /** So that one with a default does not get lost. */
    @Test
    void passesOnEveryMethodOfABroker() {
        assertThat(Broker.class.getMethods())
                .filteredOn(method -> !Modifier.isStatic(method.getModifiers()))
                .allSatisfy(method ->
                        assertThat(MeasuredBroker.class.getDeclaredMethods())
                                .as(method.getName())
                                .anyMatch(own ->
                                        own.getName().equals(method.getName())
                                                && Arrays.equals(
                                                        own.getParameterTypes(),
                                                        method.getParameterTypes())));
    }
}
