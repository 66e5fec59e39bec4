package dev.longwave.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

final class DemoScriptsTest {

    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final InstantSource clock = InstantSource.fixed(NOW);
    private final SplittableRandom random = new SplittableRandom(283);
    private final Dice dice = new Dice(random);

    @Test
    void notifiesEveryFourToNineSeconds() throws Exception {
        for (Step step : play(new NotificationScript(dice, clock), 100)) {
            JsonNode data = JSON.readTree(step.event().data());

            assertThat(step.delay()).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(9));
            assertThat(step.event().topic()).isEqualTo("demo/notifications");
            assertThat(step.event().type()).isEqualTo("notification");
            assertThat(data.fieldNames())
                    .toIterable()
                    .containsExactly("title", "text", "kind", "time");
            assertThat(Instant.parse(data.get("time").asText())).isEqualTo(NOW.plus(step.delay()));
        }
    }

    @Test
    void announcesJobAndEndsItsTopicAtOneHundredPercent() throws Exception {
        List<Step> scene = new JobScript(dice).nextScene();

        DemoEvent announced = scene.getFirst().event();
        String topic = JSON.readTree(announced.data()).get("topic").asText();
        assertThat(announced.topic()).isEqualTo("demo/jobs");
        assertThat(announced.type()).isEqualTo("job");
        assertThat(announced.end()).isFalse();
        assertThat(topic).matches("demo/jobs/[0-9a-z]{8}");

        List<DemoEvent> progress = scene.stream().skip(1).map(Step::event).toList();
        assertThat(progress).extracting(DemoEvent::topic).containsOnly(topic);
        assertThat(progress.stream().map(DemoScriptsTest::percent)).isSorted();
        assertThat(percent(progress.getFirst())).isZero();
        assertThat(percent(progress.getLast())).isEqualTo(100);
        assertThat(progress.stream().filter(DemoEvent::end)).containsExactly(progress.getLast());
    }

    @Test
    void givesJobsAndAnswersNewTopicsEachTime() {
        Set<String> ended = new HashSet<>();
        List<Step> steps = play(new JobScript(dice), 100);
        steps.addAll(play(new AnswerScript(dice), 100));

        for (Step step : steps) {
            assertThat(ended).doesNotContain(step.event().topic());
            if (step.event().end()) {
                ended.add(step.event().topic());
            }
        }
        assertThat(ended).hasSize(200);
    }

    @Test
    void samplesEachSeriesFiveTimesASecondUnderItsKey() throws Exception {
        List<Step> second = play(new MetricScript(random, clock), 5);

        assertThat(second.stream().map(Step::delay).reduce(Duration.ZERO, Duration::plus))
                .isEqualTo(Duration.ofSeconds(1));
        assertThat(second.stream().map(step -> step.event().key()))
                .startsWith("requests", "latency", "errors")
                .hasSize(15);
        for (Step step : second) {
            JsonNode data = JSON.readTree(step.event().data());
            assertThat(data.get("series").asText()).isEqualTo(step.event().key());
            assertThat(data.get("value").isNumber()).isTrue();
        }
    }

    @Test
    void metricsStayPlausibleForHours() throws Exception {
        double most = 0;
        for (Step step : play(new MetricScript(random, clock), 20_000)) {
            double value = JSON.readTree(step.event().data()).get("value").asDouble();
            assertThat(value).isNotNegative();
            most = Math.max(most, value);
        }

        assertThat(most).isBetween(1_300.0, 3_000.0);
    }

    @Test
    void logLinesAreStampedWithTheTimeTheyAreDue() throws Exception {
        Instant due = NOW;
        for (Step step : new LogScript(dice, clock).nextScene()) {
            due = due.plus(step.delay());
            JsonNode data = JSON.readTree(step.event().data());

            assertThat(Instant.parse(data.get("time").asText())).isEqualTo(due);
            assertThat(data.get("message").asText()).isNotBlank().doesNotContain("{");
            assertThat(data.get("level").asText()).isIn("debug", "info", "warn", "error");
        }
    }

    @Test
    void writesOneToFourLogLinesASecond() {
        List<Step> steps = play(new LogScript(dice, clock), 1_000);

        Duration total = steps.stream().map(Step::delay).reduce(Duration.ZERO, Duration::plus);
        assertThat(steps.size() / (double) total.toSeconds()).isBetween(1.0, 4.0);
    }

    @Test
    void answerIsItsTokensThenDone() throws Exception {
        List<Step> scene = new AnswerScript(dice).nextScene();

        String topic = JSON.readTree(scene.getFirst().event().data()).get("topic").asText();
        List<DemoEvent> events = scene.stream().skip(1).map(Step::event).toList();
        List<DemoEvent> tokens = events.subList(0, events.size() - 1);
        assertThat(events).extracting(DemoEvent::topic).containsOnly(topic);
        assertThat(tokens).extracting(DemoEvent::type).containsOnly("token");
        assertThat(tokens).extracting(DemoEvent::end).containsOnly(false);
        assertThat(String.join("", tokens.stream().map(DemoEvent::data).toList()))
                .isEqualTo(Answer.ALL.getFirst().text());
        assertThat(events.getLast().type()).isEqualTo("done");
        assertThat(events.getLast().end()).isTrue();
    }

    @ParameterizedTest
    @FieldSource("dev.longwave.cli.demo.Answer#ALL")
    void answersAreOfReadableLengthAndSurviveBeingCut(Answer answer) {
        List<String> tokens = AnswerScript.tokens(answer.text());

        assertThat(String.join("", tokens)).isEqualTo(answer.text());
        assertThat(tokens).doesNotContain("");
        assertThat(answer.text().split("\\s+")).hasSizeBetween(120, 200);
    }

    private static List<Step> play(Script script, int scenes) {
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < scenes; i++) {
            steps.addAll(script.nextScene());
        }
        return steps;
    }

    private static int percent(DemoEvent event) {
        try {
            return JSON.readTree(event.data()).get("percent").asInt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
