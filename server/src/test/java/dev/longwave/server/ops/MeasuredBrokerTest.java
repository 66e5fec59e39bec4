package dev.longwave.server.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerException;
import dev.longwave.broker.Message;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.Publication;
import dev.longwave.broker.Settings;
import dev.longwave.broker.memory.MemoryBrokerProvider;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
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

    /** The failures of a batch are results: nothing is thrown. */
    @Test
    void countsABatchThatTheBrokerHasRefusedInPart() throws Exception {
        var metrics = new Metrics();
        try (Broker broker =
                metrics.measured(memory("max-message-bytes", "10B"), BrokerSpans.NONE)) {
            var _ =
                    broker.publishAll(
                            List.of(
                                    publication("short"),
                                    publication("longer than the broker allows")));
            var _ = broker.publishAll(List.of(publication("short")));
        }

        var text = new ByteArrayOutputStream();
        metrics.write(metrics.format(null), text);
        assertThat(text.toString(StandardCharsets.UTF_8))
                .contains(
                        "longwave_broker_failures_total{operation=\"publish\"} 1.0",
                        "longwave_broker_request_seconds_count{operation=\"publish\"} 2");
    }

    @Test
    void recordsTheFirstFailureOfABatch() throws Exception {
        List<@Nullable BrokerException> failures = new ArrayList<>();
        try (Broker broker =
                new Metrics()
                        .measured(memory("max-message-bytes", "10B"), (_, _, _) -> failures::add)) {
            var _ = broker.publishAll(List.of(publication("short")));
            var _ =
                    broker.publishAll(
                            List.of(
                                    publication("short"),
                                    publication("longer than the broker allows")));
        }

        assertThat(failures).hasSize(2);
        assertThat(failures.getFirst()).isNull();
        assertThat(failures.getLast()).isInstanceOf(MessageRefusedException.class);
    }

    private static Broker memory(String setting, String value) {
        return new MemoryBrokerProvider()
                .settings(new Settings(Map.of(setting, value)))
                .connect(BrokerContext.builder("node").build());
    }

    private static Publication publication(String data) {
        return Publication.of("a", Message.of(data.getBytes(StandardCharsets.UTF_8)));
    }
}
