package dev.longwave.server.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.JSHandle;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.Route;
import dev.longwave.server.TestServer;
import dev.longwave.testing.Chromium;
import dev.longwave.testing.Nginx;
import dev.longwave.testing.Seed;
import dev.longwave.testing.SignedToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code longwave.js} in the tabs of a real browser, over HTTP/1.1. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BrowserHelperIT {

    private static final String BLANK = "/history/blank";
    private static final int MAX_GZIP_BYTES = 3584;
    private static final Page.WaitForFunctionOptions OFTEN =
            new Page.WaitForFunctionOptions().setPollingInterval(20);
    private static final String OPEN =
            """
            async ([topics, options]) => {
              const { Longwave } = await import('/longwave.js');
              const live = new Longwave(topics, options);
              const told = { live, data: [], gaps: [], errors: [], opened: 0 };
              live.onmessage = event => told.data.push(event.data);
              live.addEventListener('price', event => told.data.push(event.topic + '=' + event.data));
              live.ongap = event => told.gaps.push(JSON.parse(event.data).reason);
              live.onerror = event => told.errors.push(event.reason);
              live.onopen = () => told.opened++;
              return told;
            }\
            """;

    private Chromium chromium;
    private BrowserContext profile;
    private TestServer server;

    @BeforeAll
    void launch(@TempDir Path directory) throws IOException {
        chromium = Chromium.launch();
        profile = chromium.openProfile(directory, false);
    }

    @AfterAll
    void quit() {
        if (chromium != null) {
            profile.close();
            chromium.close();
        }
    }

    @BeforeEach
    void start() {
        server = TestServer.with("sse.retry=PT0.1S", "sse.heartbeat-interval=PT0.2S");
    }

    @AfterEach
    void stop() {
        profile.pages().forEach(Page::close);
        server.close();
    }

    @Test
    void isSmall() throws Exception {
        byte[] script = server.get("/longwave.js").body().getBytes(StandardCharsets.UTF_8);
        var compressed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(compressed)) {
            gzip.write(script);
        }

        assertThat(compressed.size()).as("bytes").isLessThanOrEqualTo(MAX_GZIP_BYTES);
    }

    @Test
    void servesTwentyTabsWithOneStream() throws Exception {
        List<Tab> tabs = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            tabs.add(open("a"));
        }
        awaitOpen(tabs);

        server.publish("a", "one");
        server.post("/events/a?type=price", "2");

        for (Tab tab : tabs) {
            tab.awaitData(2);
            assertThat(tab.data()).isEqualTo(List.of("one", "a=2"));
        }
        assertThat(server.server().openStreams()).isEqualTo(1);
    }

    @Test
    void losesNothingWhenTheTabWithTheStreamIsClosed() throws Exception {
        List<Tab> tabs = new ArrayList<>(List.of(open("a"), open("a"), open("a")));
        awaitOpen(tabs);
        server.publish("a", "0");
        tabs.forEach(tab -> tab.awaitData(1));

        for (int closed = 0; closed < 2; closed++) {
            tabs.removeFirst().page.close();
            server.publish("a", "" + (2 * closed + 1));
            server.publish("a", "" + (2 * closed + 2));
        }

        tabs.getFirst().awaitData(5);
        assertThat(tabs.getFirst().data()).isEqualTo(numbers(5));
        await().until(() -> server.server().openStreams() == 1);
    }

    @Test
    void losesNothingWhenTheTabWithTheStreamCrashes() throws Exception {
        Tab leader = open("a");
        awaitOpen(List.of(leader));
        List<Tab> others = List.of(open("a"), open("a"));
        awaitOpen(others);
        server.publish("a", "0");
        others.forEach(tab -> tab.awaitData(1));

        crash(leader.page);
        for (int i = 1; i < 20; i++) {
            server.publish("a", "" + i);
        }

        for (Tab tab : others) {
            tab.awaitData(20);
            assertThat(tab.data()).isEqualTo(numbers(20));
        }
        await().until(() -> server.server().openStreams() == 1);
    }

    @Test
    void losesNothingWhileTopicsComeAndGo() throws Exception {
        Tab tab = open("a");
        Tab other = open("b");
        awaitOpen(List.of(tab, other));
        for (int i = 0; i < 30; i++) {
            server.publish("a", "" + i);
            if (i % 3 == 0) {
                other.call("live => live.add('c/" + i + "')");
            } else if (i % 3 == 2) {
                other.call("live => live.remove('c/" + (i - 2) + "')");
            }
        }

        tab.awaitData(30);
        assertThat(tab.data()).isEqualTo(numbers(30));
        assertThat(other.data()).isEmpty();
        assertThat(tab.list("gaps")).isEmpty();
    }

    @Test
    void hearsOfATopicFromTheMomentThatItIsOpenAgain() throws Exception {
        Tab tab = open("a");
        Tab other = open("a");
        awaitOpen(List.of(tab, other));

        for (int i = 0; i < 10; i++) {
            other.call("live => live.add('b/" + i + "')");
            other.awaitState(1);
            server.publish("b/" + i, "" + i);
        }

        other.awaitData(10);
        assertThat(other.data()).isEqualTo(numbers(10));
        assertThat(tab.data()).isEmpty();
        assertThat(other.list("errors")).isEmpty();
    }

    @Test
    void givesATabWhatItAskedForWhateverOthersAskFor() throws Exception {
        Tab topic = open("a/1");
        Tab pattern = open("a/*");
        awaitOpen(List.of(topic, pattern));

        server.post("/events/a/1?ephemeral=true", "0");
        server.publish("a/1", "1");
        server.publish("a/2", "2");
        server.publish("a/1", "3");

        topic.awaitData(3);
        pattern.awaitData(4);
        assertThat(topic.data()).isEqualTo(List.of("0", "1", "3"));
        assertThat(pattern.data()).isEqualTo(numbers(4));
    }

    @Test
    void hasMoreThanOneStreamForMoreTopicsThanAStreamMayHave() throws Exception {
        List<Tab> tabs = List.of(open(topics("a", 20)), open(topics("b", 20)));
        tabs.forEach(tab -> tab.awaitState(1));
        await().until(() -> server.server().openStreams() == 2);

        for (int i = 0; i < 20; i++) {
            server.publish("a/" + i, "" + i);
            server.publish("b/" + i, "" + i);
        }

        for (Tab tab : tabs) {
            tab.awaitData(20);
            assertThat(tab.strings()).containsExactlyInAnyOrderElementsOf(numbers(20));
        }
    }

    @Test
    void hasMoreThanOneStreamForNamesThatAreTooLongForAUrl() throws Exception {
        String prefix = "long/" + "x".repeat(200);
        Tab tab = open(topics(prefix, 32));
        tab.awaitState(1);

        for (int i = 0; i < 32; i++) {
            server.publish(prefix + "/" + i, "" + i);
        }

        tab.awaitData(32);
        assertThat(tab.strings()).containsExactlyInAnyOrderElementsOf(numbers(32));
        assertThat(tab.list("errors")).isEmpty();
    }

    @Test
    void tellsOfGaps() throws Exception {
        List<Tab> tabs = List.of(open("a"), open("a"));
        awaitOpen(tabs);
        server.publish("a", "one");
        tabs.forEach(tab -> tab.awaitData(1));
        int port = server.port();
        server.close();
        server = TestServer.with("sse.retry=PT0.1S", "server.port=" + port);

        for (Tab tab : tabs) {
            tab.page.waitForFunction("told => told.gaps.length > 0", tab.told, OFTEN);
        }
        server.publish("a", "two");
        for (Tab tab : tabs) {
            tab.awaitData(2);
            assertThat(tab.data()).isEqualTo(List.of("one", "two"));
            assertThat(tab.list("gaps")).isEqualTo(List.of("epoch-changed"));
        }
    }

    @Test
    void endsWithItsTopics() throws Exception {
        Tab tab = open("a");
        awaitOpen(List.of(tab));

        server.post("/events/a?end=true", "last");

        tab.awaitState(2);
        assertThat(tab.data()).isEqualTo(List.of("last"));
        assertThat((String) tab.list("errors").getLast()).contains("the topics ended");
        Tab next = open("a");
        next.awaitState(2);
        assertThat(next.data()).isEqualTo(List.of("last"));
    }

    /** The ID of the first of their events does not name both. */
    @Test
    void hasTheLastEventOfEachTopicThatHadEndedBefore() throws Exception {
        server.post("/events/a?end=true", "last of a");
        server.post("/events/b?end=true", "last of b");

        Tab tab = open(List.of("a", "b"));

        tab.awaitState(2);
        assertThat(tab.strings()).containsExactlyInAnyOrder("last of a", "last of b");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void losesNothingOfAnEndedTopicInATabThatIsBehind(boolean fails) throws Exception {
        Tab tab = open("a");
        awaitOpen(List.of(tab));
        List<Route> held = new ArrayList<>();
        tab.page.route("**/events?*", held::add);
        server.publish("a", "0");
        server.post("/events/a?end=true", "1");
        tab.awaitData(2);
        Page page = profile.newPage();
        if (fails) {
            page.route("**/poll?*", route -> answer(route, 503, "", "{}"), once());
        }

        Tab behind = open(page, "a", "{ since: 'earliest' }");
        tab.page.waitForCondition(() -> !held.isEmpty());
        tab.page.unroute("**/events?*");
        held.forEach(Route::resume);

        behind.awaitState(2);
        tab.awaitState(2);
        assertThat(behind.data()).isEqualTo(numbers(2));
        assertThat(tab.data()).isEqualTo(numbers(2));
    }

    /** What the server says last has no empty line after it. */
    @Test
    void waitsAsLongAsTheServerHasSaidLast() throws Exception {
        Page page = profile.newPage();
        page.route(
                "**/events?*",
                route -> answer(route, 200, "text/event-stream", "retry: 600000\n\nretry: 1\n"),
                once());

        Tab tab = open(page, "a", "{}");

        tab.awaitState(1);
    }

    @Test
    void waitsAsLongAsARefusalSays() throws Exception {
        Page page = profile.newPage();
        List<Long> times = new ArrayList<>();
        page.onRequest(request -> {
            if (request.url().contains("/events?")) {
                times.add(System.nanoTime());
            }
        });
        page.route("**/events?*", route -> answer(route, 503, "", "{\"retryAfter\":5}"), once());

        Tab tab = open(page, "a", "{}");

        tab.awaitState(1);
        assertThat(Duration.ofNanos(times.get(1) - times.get(0)))
                .isGreaterThan(Duration.ofMillis(4500)); // longer than it waits by itself
    }

    @Test
    void triesAgainIfItsUrlIsTooLong() throws Exception {
        Page page = profile.newPage();
        page.route("**/events?*", route -> answer(route, 414, "", "{}"), once());

        Tab tab = open(page, "a", "{}");

        tab.awaitState(1);
        assertThat(tab.list("errors").toString()).contains("414");
    }

    @Test
    void isClosedIfAllIsRefusedUnderAnotherName() throws Exception {
        Page page = profile.newPage();
        page.route("**/events?*", route -> answer(route, 403, "", "{\"topic\":\"a...\"}"));

        Tab tab = open(page, "a", "{}");

        tab.awaitState(2);
    }

    /** A server that stops may answer every poll at once. */
    @Test
    void pausesAfterAPollThatBringsNothing() throws Exception {
        Page page = profile.newPage();
        List<Long> times = new ArrayList<>();
        page.route("**/events?*", _ -> {}); // held back
        page.route(
                "**/poll?*",
                route -> {
                    times.add(System.nanoTime());
                    answer(route, 200, "application/json", "{\"events\":[],\"next\":\"a.b-1\"}");
                });

        open(page, "a", "{}");
        page.waitForCondition(() -> times.size() > 1);

        assertThat(Duration.ofNanos(times.get(1) - times.get(0)))
                .isGreaterThan(Duration.ofMillis(1500));
    }

    @Test
    void pollsWhereAProxyHoldsTheStreamBack() throws Exception {
        try (Nginx proxy =
                Nginx.start(
                        "",
                        """
                        location / {
                            proxy_pass http://127.0.0.1:%d;
                            proxy_ignore_headers X-Accel-Buffering;
                        }
                        """
                                .formatted(server.port()))) {
            String origin = "http://127.0.0.1:" + proxy.port();
            Tab tab = open(profile.newPage(), origin, "a", "{}");
            Tab other = open(profile.newPage(), origin, "a", "{}");
            tab.awaitState(1);
            other.awaitState(1);

            for (int i = 0; i < 10; i++) {
                server.publish("a", "" + i);
            }

            for (Tab each : List.of(tab, other)) {
                each.awaitData(10);
                assertThat(each.data()).isEqualTo(numbers(10));
            }
            assertThat(tab.list("errors").toString()).contains("a proxy holds the stream back");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void losesNothingWhileItIsFrozen(int which) throws Exception {
        List<Tab> tabs = new ArrayList<>();
        for (int i = 0; i < 2; i++) { // the first has the stream
            tabs.add(open("a"));
            awaitOpen(tabs);
        }
        server.publish("a", "0");
        tabs.forEach(tab -> tab.awaitData(1));
        Tab frozen = tabs.get(which);
        Tab other = tabs.get(1 - which);
        CDPSession session = profile.newCDPSession(frozen.page);

        lifecycle(session, "frozen");
        server.publish("a", "1");
        server.publish("a", "2");
        other.awaitData(3);
        lifecycle(session, "active");

        frozen.awaitData(3);
        server.publish("a", "3");
        for (Tab tab : tabs) {
            tab.awaitData(4);
            assertThat(tab.data()).isEqualTo(numbers(4));
            assertThat(tab.list("gaps")).isEmpty();
        }
    }

    @Test
    void goesOnWhenThePageIsShownAgain() throws Exception {
        Tab tab = open("a");
        awaitOpen(List.of(tab));

        tab.page.evaluate(
                "() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))");
        await().until(() -> server.server().openStreams() == 0);
        server.publish("a", "0");
        tab.page.evaluate(
                "() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");

        server.publish("a", "1");
        tab.awaitData(2);
        assertThat(tab.data()).isEqualTo(numbers(2));
    }

    /** A browser may suspend a page without a word, and the page keeps its lock. */
    @Test
    void takesOverFromATabThatHasFallenSilent() throws Exception {
        Page silent = profile.newPage();
        silent.navigate(server.url(BLANK));
        silent.evaluate(
                """
                () => new Promise(held => navigator.locks.request(
                  `longwave ${location.origin}/ same-origin `, () => { held(); return new Promise(() => {}); }))\
                """);
        Page page = profile.newPage();
        page.clock().install();
        Tab tab = open(page, "a", "{}");
        assertThat(server.server().openStreams()).isZero();

        page.clock().fastForward("03:00");

        awaitOpen(List.of(tab));
        server.publish("a", "0");
        tab.awaitData(1);
    }

    @Test
    void losesNothingWhateverHappensToTabs() throws Exception {
        var random = new Random(Seed.fresh());
        List<String> topics = List.of("x", "y", "z");
        Tab watcher = open(topics);
        awaitOpen(List.of(watcher));
        List<Tab> others = new ArrayList<>();
        Map<String, Integer> published = new HashMap<>();
        for (int step = 0; step < 80; step++) {
            String topic = topics.get(random.nextInt(topics.size()));
            server.publish(topic, topic + published.merge(topic, 1, Integer::sum));
            switch (random.nextInt(8)) {
                case 0, 1 -> others.addFirst(open(topics.subList(0, 1 + random.nextInt(3))));
                case 2 -> removeOne(others, random).ifPresent(tab -> tab.page.close());
                case 3 -> removeOne(others, random).ifPresent(tab -> crash(tab.page));
                case 4 -> watcher.call("live => live.add('other/" + random.nextInt(4) + "')");
                case 5 -> watcher.call("live => live.remove('other/" + random.nextInt(4) + "')");
                case 6 -> watcher.page.evaluate("() => dispatchEvent(new Event('pagehide'))");
                default -> watcher.page.evaluate("() => dispatchEvent(new Event('pageshow'))");
            }
        }
        watcher.page.evaluate("() => dispatchEvent(new Event('pageshow'))");

        int total = published.values().stream().mapToInt(Integer::intValue).sum();
        watcher.awaitData(total);
        for (String topic : topics) {
            assertThat(watcher.strings().stream().filter(data -> data.startsWith(topic)))
                    .containsExactlyElementsOf(
                            IntStream.rangeClosed(1, published.getOrDefault(topic, 0))
                                    .mapToObj(i -> topic + i)
                                    .toList());
        }
        assertThat(watcher.list("gaps")).isEmpty();
    }

    private static Optional<Tab> removeOne(List<Tab> tabs, Random random) {
        return tabs.isEmpty()
                ? Optional.empty()
                : Optional.of(tabs.remove(random.nextInt(tabs.size())));
    }

    @Test
    void losesNothingWhileItIsOffline() throws Exception {
        Tab tab = open("a");
        awaitOpen(List.of(tab));
        server.publish("a", "0");
        tab.awaitData(1);

        profile.setOffline(true);
        server.publish("a", "1");
        profile.setOffline(false);
        server.publish("a", "2");

        tab.awaitData(3);
        assertThat(tab.data()).isEqualTo(numbers(3));
    }

    @Test
    void beginsInThePastOnRequest() throws Exception {
        for (int i = 0; i < 300; i++) {
            server.publish("a", "" + i);
        }
        Tab tab = open(profile.newPage(), "a", "{ since: 'earliest' }");
        tab.awaitData(300);
        server.publish("a", "300");

        tab.awaitData(301);
        assertThat(tab.data()).isEqualTo(numbers(301));
    }

    @Test
    void fetchesANewTicketForEachConnection() throws Exception {
        restart(
                "auth.jwt.secret=" + SignedToken.SECRET,
                "auth.ticket-secret=" + SignedToken.SECRET,
                "sse.max-age=PT1S");
        Tab tab = openWithTickets("ticket", "a");
        tab.awaitState(1);

        for (int i = 0; i < 4; i++) {
            publishSigned("a", "" + i);
            tab.page.waitForFunction("count => tickets > count", i + 1, OFTEN);
        }

        tab.awaitData(4);
        assertThat(tab.data()).isEqualTo(numbers(4));
        assertThat(tab.list("gaps")).isEmpty();
    }

    /** Nobody gets a ticket for all of the topics. */
    @Test
    void removesATopicForWhichThereIsNoTicket() throws Exception {
        restart(
                "auth.jwt.secret=" + SignedToken.SECRET,
                "auth.ticket-secret=" + SignedToken.SECRET);
        String forbidden = "secret/" + "x".repeat(240);
        Tab tab = openWithTickets("ticket", "a");
        tab.awaitState(1);
        Tab other = openWithTickets("ticket", "a", forbidden);
        other.page.waitForFunction("told => told.live.topics.length === 1", other.told, OFTEN);
        other.awaitState(1);

        publishSigned("a", "0");

        for (Tab each : List.of(tab, other)) {
            each.awaitData(1);
            assertThat(each.data()).isEqualTo(List.of("0"));
        }
        assertThat(other.list("errors").toString()).contains("does not allow");
    }

    /** The page's function may fail without a reason, say nothing, or never end. */
    @ParameterizedTest
    @ValueSource(strings = {"Promise.reject(null)", "undefined", "new Promise(() => {})"})
    void triesAgainIfThereIsNoTicket(String first) throws Exception {
        restart(
                "auth.jwt.secret=" + SignedToken.SECRET,
                "auth.ticket-secret=" + SignedToken.SECRET);
        Tab tab = openWithTickets("topics => tickets++ ? ticket(topics) : " + first, "a");

        tab.page.waitForFunction("() => tickets > 0", null, OFTEN);
        tab.page.clock().fastForward("00:46");

        tab.awaitState(1);
        publishSigned("a", "0");
        tab.awaitData(1);
    }

    @Test
    void isReadWithAForLoop() throws Exception {
        Tab tab = open("a/*");
        awaitOpen(List.of(tab));
        JSHandle read =
                tab.page.evaluateHandle(
                        """
                        told => {
                          const read = [];
                          (async () => {
                            for await (const event of told.live) read.push(event.topic + ' ' + event.data);
                            read.push('end');
                          })();
                          return read;
                        }\
                        """,
                        tab.told);

        server.publish("a/1", "one");
        server.publish("a/2", "two");
        tab.page.waitForFunction("read => read.length === 2", read, OFTEN);
        tab.call("live => live.close()");
        tab.page.waitForFunction("read => read.length === 3", read, OFTEN);

        assertThat(read.jsonValue()).isEqualTo(List.of("a/1 one", "a/2 two", "end"));
        await().until(() -> server.server().openStreams() == 0);
    }

    @Test
    void forgetsTheEventsOfALoopThatIsTooFarBehind() throws Exception {
        Tab tab = open("a");
        JSHandle read =
                tab.page.evaluateHandle(
                        """
                        async told => {
                          const say = event => told.live.dispatchEvent(Object.assign(new Event('*'), { event }));
                          const events = told.live[Symbol.asyncIterator]();
                          const first = events.next();
                          say({});
                          await first;
                          const unread = new WeakRef({});
                          say(unread.deref());
                          for (let i = 0; i < 10000; i++) say({});
                          return { unread, events };
                        }\
                        """,
                        tab.told);

        profile.newCDPSession(tab.page).send("HeapProfiler.collectGarbage");

        assertThat(tab.page.evaluate("({ unread }) => unread.deref() === undefined", read))
                .isEqualTo(true);
        assertThatThrownBy(() -> tab.page.evaluate("({ events }) => events.next()", read))
                .hasMessageContaining("too many unread events");
    }

    private void restart(String... settings) {
        server.close();
        server =
                TestServer.with(
                        Stream.concat(
                                        Stream.of(
                                                "sse.retry=PT0.1S",
                                                "sse.heartbeat-interval=PT0.2S"),
                                        Stream.of(settings))
                                .toArray(String[]::new));
    }

    private static void answer(Route route, int status, String type, String body) {
        route.fulfill(
                new Route.FulfillOptions().setStatus(status).setContentType(type).setBody(body));
    }

    private static Page.RouteOptions once() {
        return new Page.RouteOptions().setTimes(1);
    }

    /**
     * A page whose user may read the topic {@code a}.
     *
     * @param ticket the option: a function that may use {@code ticket}, which counts {@code
     *     tickets}
     */
    private Tab openWithTickets(String ticket, String... topics) {
        Page page = profile.newPage();
        page.clock().install();
        page.navigate(server.url("/health/live"));
        page.evaluate(
                """
                token => {
                  globalThis.tickets = 0;
                  globalThis.ticket = async topics => {
                    tickets++;
                    const response = await fetch('/tickets', {
                      method: 'POST',
                      headers: { 'Authorization': token, 'Content-Type': 'application/json' },
                      body: JSON.stringify({ topics }),
                    });
                    const answer = await response.json();
                    if (!response.ok) throw Object.assign(Error(answer.detail), answer);
                    return answer.ticket;
                  };
                }\
                """,
                SignedToken.of("alice").subscribe("a").bearer());
        JSHandle options = page.evaluateHandle("() => ({ ticket: " + ticket + " })");
        return new Tab(page, page.evaluateHandle(OPEN, List.of(List.of(topics), options)));
    }

    private void publishSigned(String topic, String data) throws Exception {
        String publisher = SignedToken.of("publisher").publish("**").bearer();
        assertThat(server.post("/events/" + topic, data, "Authorization", publisher).statusCode())
                .isEqualTo(200);
    }

    private Tab open(Object topics) {
        return open(profile.newPage(), server.url(""), topics, "{}");
    }

    private Tab open(Page page, String topics, String options) {
        return open(page, server.url(""), topics, options);
    }

    private Tab open(Page page, String origin, Object topics, String options) {
        page.navigate(origin + BLANK);
        Object parsed = page.evaluate("() => (" + options + ")");
        return new Tab(page, page.evaluateHandle(OPEN, List.of(topics, parsed)));
    }

    private void awaitOpen(List<Tab> tabs) {
        for (Tab tab : tabs) {
            tab.awaitState(1);
        }
        await().until(() -> server.server().openStreams() == 1);
    }

    /** Ends the page's process. */
    private static void crash(Page page) {
        assertThatThrownBy(() -> page.navigate("chrome://crash"))
                .isInstanceOf(PlaywrightException.class);
    }

    private static List<String> topics(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> prefix + '/' + i).toList();
    }

    private static void lifecycle(CDPSession session, String state) {
        var parameters = new JsonObject();
        parameters.addProperty("state", state);
        session.send("Page.setWebLifecycleState", parameters);
    }

    private static List<String> numbers(int end) {
        return IntStream.range(0, end).mapToObj(Integer::toString).toList();
    }

    /** A tab that hears some topics. */
    private record Tab(Page page, JSHandle told) {

        void call(String function) {
            page.evaluate("([told, f]) => eval(f)(told.live)", List.of(told, function));
        }

        void awaitState(int state) {
            page.waitForFunction(
                    "([told, state]) => told.live.readyState === state",
                    List.of(told, state),
                    OFTEN);
        }

        void awaitData(int count) {
            page.waitForFunction(
                    "([told, count]) => told.data.length >= count", List.of(told, count), OFTEN);
        }

        List<String> strings() {
            return data().stream().map(String.class::cast).toList();
        }

        List<?> data() {
            return list("data");
        }

        List<?> list(String name) {
            return (List<?>) page.evaluate("([told, name]) => told[name]", List.of(told, name));
        }
    }
}
