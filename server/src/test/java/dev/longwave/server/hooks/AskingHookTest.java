package dev.longwave.server.hooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Message;
import dev.longwave.broker.Settings;
import dev.longwave.server.http.ProblemException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an application says of an event that a client publishes. */
final class AskingHookTest {

    private static final Message TEXT =
            Message.builder(bytes("hello")).type("t").key("k").id("m-1").build();
    private static final Message BINARY =
            Message.builder(new byte[] {0, -1}).attribute("content-type", "image/png").build();

    private final Broker broker = new SharedMemory();
    private Application application;
    private Hooks hooks;

    @BeforeEach
    void start() throws IOException {
        application = new Application();
        hooks = open();
    }

    private Hooks open(String... more) {
        var values = new TreeMap<String, String>();
        values.put("hooks.url", application.url());
        values.put("hooks.secret", Application.SECRET);
        values.put("hooks.events", "publish");
        for (String setting : more) {
            values.put(setting.split("=", 2)[0], setting.split("=", 2)[1]);
        }
        return Hooks.open(broker, HookSettings.read(new Settings(values)), 100);
    }

    @AfterEach
    void stop() {
        hooks.close();
        application.close();
        broker.close();
    }

    private void answer(int status, String body) {
        application.answer(_ -> new Application.Response(status, body));
    }

    private Message check(Message message) {
        return hooks.publish().check("alice", "room/1", message);
    }

    @Test
    void asksSigned() {
        var _ = check(TEXT);
        var _ = hooks.publish().check(null, "room/1", BINARY);

        assertThat(application.forged()).isEmpty();
        assertThat(application.received().getFirst().type()).isEqualTo("publish");
        assertThat(application.received())
                .extracting(each -> each.data().toString())
                .containsExactly(
                        "{\"topic\":\"room/1\",\"user\":\"alice\",\"event\":{\"data\":\"hello\","
                                + "\"type\":\"t\",\"key\":\"k\",\"id\":\"m-1\"}}",
                        "{\"topic\":\"room/1\",\"user\":null,\"event\":{\"data\":\"AP8=\","
                                + "\"encoding\":\"base64\","
                                + "\"attributes\":{\"content-type\":\"image/png\"}}}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"200|{}", "204|''", "200|{\"other\":1}"})
    void acceptsWhatTheApplicationAccepts(int status, String body) {
        answer(status, body);

        assertThat(check(TEXT)).isEqualTo(TEXT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"data\":\"hi\"}|hi",
                "{\"data\":{\"a\": [1]}}|{\"a\":[1]}",
                "{\"data\":\"\"}|''",
                "{\"data\":null}|null"
            })
    void publishesWhatTheApplicationMakesOfIt(String body, String data) {
        answer(200, body);

        assertThat(check(TEXT))
                .isEqualTo(Message.builder(bytes(data)).type("t").key("k").id("m-1").build());
    }

    @Test
    void takesBinaryData() {
        answer(200, "{\"data\":\"AQI=\",\"encoding\":\"base64\"}");

        assertThat(check(BINARY).data()).containsExactly(1, 2);
        assertThat(check(BINARY).contentType()).hasValue("image/png");
        assertThat(check(TEXT).contentType()).hasValue("application/octet-stream");
    }

    @Test
    void takesTextForBinaryData() {
        answer(200, "{\"data\":\"text\"}");

        assertThat(check(BINARY)).isEqualTo(Message.of(bytes("text")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "200|{\"refuse\":\"too rude\"}|too rude",
                "403|{\"refuse\":\"too rude\"}|too rude",
                "403|''|no reason given",
                "404|<html>|no reason given"
            })
    void refusesWhatTheApplicationRefuses(int status, String body, String detail) {
        answer(status, body);

        assertThatThrownBy(() -> check(TEXT))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> {
                            assertThat(e.problem().rule()).isEqualTo("refused-by-hook");
                            assertThat(e.problem().status()).isEqualTo(403);
                            assertThat(e.problem().detail()).isEqualTo(detail);
                        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "500|''",
                "429|''",
                "302|''",
                "200|{",
                "200|[]",
                "200|{\"data\":\"!\",\"encoding\":\"base64\"}"
            })
    void refusesWithoutAnAnswerThatMakesSense(int status, String body) {
        answer(status, body);

        assertUnavailable();
    }

    @Test
    void refusesDataThatIsTooLarge() {
        answer(200, "{\"data\":\"%s\"}".formatted("x".repeat(101)));

        assertUnavailable();
    }

    @Test
    void acceptsWithoutAnAnswerIfItIsToldSo() {
        hooks.close();
        hooks = open("hooks.on-failure=accept");
        answer(500, "");

        assertThat(check(TEXT)).isEqualTo(TEXT);
    }

    @Test
    void givesUpAnApplicationThatHangs() {
        hooks.close();
        hooks = open("hooks.timeout=PT0.2S");
        var end = new CountDownLatch(1);
        application.hang(end);

        assertUnavailable();
        end.countDown();
    }

    @Test
    void refusesIfNobodyListens() {
        application.close();

        assertUnavailable();
    }

    @Test
    void asksNoMoreThanSoMuchAtATime() throws Exception {
        hooks.close();
        hooks = open("hooks.max-asked=1", "hooks.timeout=PT1S");
        var end = new CountDownLatch(1);
        application.hang(end);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Message> first = threads.submit(() -> check(TEXT));
            await().until(() -> application.received().size() == 1);
            Future<Message> second = threads.submit(() -> check(TEXT));
            end.countDown();

            assertThat(first.get()).isEqualTo(TEXT);
            assertThat(second.get()).isEqualTo(TEXT);
        }
    }

    private void assertUnavailable() {
        assertThatThrownBy(() -> check(TEXT))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> {
                            assertThat(e.problem().rule()).isEqualTo("hook-unavailable");
                            assertThat(e.problem().status()).isEqualTo(503);
                        });
    }

    @Test
    void asksNobodyUnlessItIsToldTo() {
        hooks.close();
        hooks = open("hooks.events=joined");

        assertThat(check(TEXT)).isEqualTo(TEXT);
        assertThat(application.received()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hooks.secret=secret",
                "hooks.url=http://example.com/hooks",
                "hooks.url=https://user:pass@example.com/hooks",
                "hooks.events=joined,other"
            })
    void refusesSettingsThatMakeNoSense(String setting) {
        assertThatThrownBy(() -> open(setting)).isInstanceOf(BrokerConfigurationException.class);
    }

    @Test
    void needsASecret() {
        var values = new TreeMap<String, String>();
        values.put("hooks.url", "https://example.com/hooks");

        assertThatThrownBy(() -> HookSettings.read(new Settings(values)))
                .isInstanceOf(BrokerConfigurationException.class)
                .hasMessageContaining("hooks.secret");
    }

    @Test
    void showsNoSecretInItsSettings() {
        var values = new TreeMap<String, String>();
        values.put("hooks.url", "https://example.com/hooks");
        values.put("hooks.secret", Application.SECRET);

        assertThat(HookSettings.read(new Settings(values)).toString())
                .contains("secret=***")
                .doesNotContain(Application.SECRET)
                .doesNotContain(Base64.getEncoder().encodeToString(bytes("\0\1\2")));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
