package dev.longwave.server.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.Response;
import dev.longwave.broker.testing.FaultProxy;
import dev.longwave.server.TestServer;
import dev.longwave.server.net.TestCertificate;
import dev.longwave.testing.Chromium;
import dev.longwave.testing.SignedToken;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Signing in with the cookies and tickets of a real browser, over HTTPS, where the application and
 * Longwave are on one site or on two.
 *
 * <p>A browser counts {@code app.test} and {@code live.other.test} as two sites, whatever their
 * address is, and sends cookies to all ports of a host.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SignInIT {

    private static final String APP = "app.test";
    private static final String LIVE = "live.other.test";
    private static final String LAX = "; Path=/; Secure; HttpOnly; SameSite=Lax";
    private static final String FOR_OTHER_SITES =
            "; Domain=other.test; Path=/; Secure; HttpOnly; SameSite=None";
    private static final SignedToken PUBLISHER = SignedToken.of("publisher").publish("**");
    private static final Duration LONG = Duration.ofHours(1);

    private Path folder;
    private Chromium chromium;
    private BrowserContext profile; // with cookies of other sites, which other pages do not have
    private HttpClient client;
    private Application application;
    private TestServer server;

    @BeforeAll
    void start(@TempDir Path certificates, @TempDir Path profileFolder) throws Exception {
        folder = certificates;
        TestCertificate certificate = TestCertificate.of(APP, LIVE).write(folder);
        application = Application.start(TestCertificate.client(certificate));
        client = HttpClient.newBuilder().sslContext(TestCertificate.trusting(certificate)).build();
        chromium = Chromium.launch("--host-resolver-rules=MAP *.test 127.0.0.1");
        profile = chromium.openProfile(profileFolder, true);
    }

    @AfterAll
    void stop() {
        Stream.of(profile, chromium, application, client)
                .filter(started -> started != null)
                .forEach(SignInIT::close);
    }

    private static void close(AutoCloseable started) {
        try {
            started.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeEach
    void startServer() {
        server = serve("0");
    }

    private TestServer serve(String port) {
        return TestServer.with(
                "server.port=" + port,
                "tls.cert=" + TestCertificate.certificateFile(folder),
                "tls.key=" + TestCertificate.keyFile(folder),
                "auth.jwt.secret=" + SignedToken.SECRET,
                "auth.ticket-secret=" + SignedToken.SECRET,
                "auth.cookie=longwave",
                "cors.origins=" + application.origin(APP),
                "cors.credentials=true",
                "sse.retry=PT0.2S");
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    @Test
    void readsWithTheCookieOfItsOwnOrigin() throws Exception {
        try (Page page = page(live(APP, "/health/live"))) {
            assertThat(SignedInStream.open(page, "/events/news", false).opens()).isFalse();

            signIn(page, "alice", LONG);
            SignedInStream stream = SignedInStream.open(page, "/events/news", false);

            assertThat(stream.opens()).isTrue();
            publish("news", "one");
            stream.awaitTold("one");
            assertThat(page.evaluate("document.cookie")).isEqualTo("");
        }
    }

    @ParameterizedTest
    @CsvSource({"app.test, true, true", "app.test, false, false", "evil.test, true, false"})
    void readsWithACookieFromAPageOfAnotherSiteThatIsListed(
            String site, boolean withCredentials, boolean opens) throws Exception {
        profile.clearCookies();
        try (Page page = profile.newPage()) {
            issue("alice", LONG, FOR_OTHER_SITES);
            page.navigate(application.origin(LIVE) + "/sign-in");
            page.navigate(application.origin(site));

            SignedInStream stream =
                    SignedInStream.open(page, live(LIVE, "/events/news"), withCredentials);

            assertThat(stream.opens()).isEqualTo(opens);
            if (opens) {
                publish("news", "one");
                stream.awaitTold("one");
            }
        }
    }

    @Test
    void doesNotSendALaxCookieFromAnotherSite() {
        profile.clearCookies();
        try (Page page = profile.newPage()) {
            issue("alice", LONG, "; Domain=other.test" + LAX);
            page.navigate(application.origin(LIVE) + "/sign-in");
            page.navigate(application.origin(APP));

            SignedInStream stream = SignedInStream.open(page, live(LIVE, "/events/news"), true);

            assertThat(stream.opens()).isFalse();
        }
    }

    @Test
    void readsWithATicketAndReconnectsByItselfWhereCookiesOfOtherSitesAreBlocked()
            throws Exception {
        issue("alice", LONG, FOR_OTHER_SITES);
        try (var proxy = new FaultProxy(server.port());
                Page page = page(application.origin(LIVE) + "/sign-in")) {
            page.navigate(application.origin(APP));
            String url = "https://" + LIVE + ':' + proxy.port();
            assertThat(SignedInStream.open(page, url + "/events/news", true).opens())
                    .as("with a cookie")
                    .isFalse();

            SignedInStream stream =
                    SignedInStream.openWithTicket(page, url, "news", token("alice", LONG));
            assertThat(stream.opens()).isTrue();
            publish("news", "one");
            stream.awaitTold("one");

            proxy.cut();
            stream.awaitOpened(2);
            publish("news", "two");
            stream.awaitTold("one", "two");
            proxy.refuse();
            publish("news", "three");
            publish("news", "four");
            proxy.heal();
            stream.awaitOpened(3);
            publish("news", "five");

            stream.awaitTold("one", "two", "three", "four", "five");
        }
    }

    /** A page sees each answer, and so gets a new ticket for each connection. */
    @Test
    void readsOverAWebSocketWithATicketThatIsGoodForOneConnection() throws Exception {
        try (var proxy = new FaultProxy(server.port());
                Page page = page(application.origin(APP))) {
            TicketSocket socket =
                    TicketSocket.to(page, LIVE + ':' + proxy.port(), "news", token("alice", LONG));
            socket.takeTicket("websocket");
            assertThat(socket.opens()).isTrue();
            publish("news", "one");
            socket.awaitTold("one");

            proxy.cut();
            socket.awaitClosed();
            publish("news", "two");
            assertThat(socket.opens()).as("with a ticket that was used").isFalse();
            socket.takeTicket("websocket");
            assertThat(socket.opens()).isTrue();
            publish("news", "three");

            socket.awaitTold("one", "two", "three");
        }
    }

    @Test
    void opensAWebSocketWithATicketForWebSocketsOnly() {
        try (Page page = page(application.origin(APP))) {
            String token = token("alice", LONG);
            TicketSocket socket = TicketSocket.to(page, LIVE + ':' + server.port(), "news", token);

            socket.takeTicket("events");
            assertThat(socket.opens()).as("with a ticket for event streams").isFalse();
            socket.takeTicket("websocket");
            assertThat(
                            SignedInStream.open(
                                            page,
                                            live(LIVE, "/events/news?ticket=" + socket.ticket()),
                                            false)
                                    .opens())
                    .as("an event stream")
                    .isFalse();

            assertThat(socket.opens()).as("with its ticket, which nobody has used").isTrue();
        }
    }

    /** The browser does not keep a page from opening a WebSocket, so the server must. */
    @ParameterizedTest
    @CsvSource({"app.test, true", "evil.test, false"})
    void opensAWebSocketWithACookieFromAPageThatIsListed(String site, boolean opens)
            throws Exception {
        profile.clearCookies();
        try (Page page = profile.newPage()) {
            issue("alice", LONG, FOR_OTHER_SITES);
            page.navigate(application.origin(LIVE) + "/sign-in");
            page.navigate(application.origin(site));
            TicketSocket socket = TicketSocket.to(page, LIVE + ':' + server.port(), "news", "");

            assertThat(socket.opens()).isEqualTo(opens);
            if (opens) {
                publish("news", "one");
                socket.awaitTold("one");
            }
        }
    }

    /** Not even with a token: the page cannot read the answer. */
    @Test
    void givesNoTicketToAPageThatIsNotListed() {
        try (Page page = page(application.origin("evil.test"))) {
            TicketSocket socket =
                    TicketSocket.to(page, LIVE + ':' + server.port(), "news", token("alice", LONG));

            assertThatThrownBy(() -> socket.takeTicket("websocket"))
                    .isInstanceOf(PlaywrightException.class)
                    .hasMessageContaining("Failed to fetch");
        }
    }

    /** The memory broker starts empty, which the page must learn; the ticket is still its own. */
    @Test
    void reconnectsWithItsTicketAfterARestartAndReadsTheGap() throws Exception {
        try (Page page = page(application.origin(APP))) {
            List<Integer> answers = new ArrayList<>();
            page.onResponse(response -> noteAnswer(response, answers));
            SignedInStream stream =
                    SignedInStream.openWithTicket(
                            page, live(LIVE, ""), "news", token("alice", LONG));
            assertThat(stream.opens()).isTrue();
            publish("news", "before");
            stream.awaitTold("before");

            int port = server.port();
            server.close();
            server = serve(Integer.toString(port));
            stream.awaitOpened(2);
            publish("news", "after");

            stream.awaitTold("before", "gap: epoch-changed", "after");
            assertThat(answers).containsExactly(200, 200);
        }
    }

    @Test
    void losesNoEventWhenTheCookieIsRenewedBeforeItExpires() throws Exception {
        try (Page page = page(live(APP, "/health/live"))) {
            List<Integer> answers = new ArrayList<>();
            page.onResponse(response -> noteAnswer(response, answers));
            SignedInStream stream = openForAShortTime(page, answers, true);

            List<String> published = new ArrayList<>();
            while (stream.opened() < 2) {
                String data = "event " + published.size();
                publish("news", data);
                published.add(data);
            }
            publish("news", "last");
            published.add("last");

            stream.awaitTold(published.toArray(String[]::new));
            assertThat(answers).containsExactly(200, 200);
        }
    }

    @Test
    void closesForGoodWhenTheCookieIsNotRenewed() throws Exception {
        try (Page page = page(live(APP, "/health/live"))) {
            List<Integer> answers = new ArrayList<>();
            page.onResponse(response -> noteAnswer(response, answers));
            SignedInStream stream = openForAShortTime(page, answers, false);

            stream.awaitClosed();

            assertThat(answers).containsExactly(200, 401);
            assertThat(stream.opened()).isOne();
        }
    }

    @Test
    void seesARevocation() throws Exception {
        try (Page page = page(live(APP, "/health/live"));
                Page other = page(live(APP, "/health/live"))) {
            signIn(page, "alice", LONG);
            SignedInStream stream = SignedInStream.open(page, "/events/news", false);
            signIn(other, "bob", LONG);
            SignedInStream spared = SignedInStream.open(other, "/events/news", false);
            assertThat(stream.opens()).isTrue();
            assertThat(spared.opens()).isTrue();

            long asked = System.currentTimeMillis();
            admin("revoke", "alice");
            long seen = stream.awaitFailure() - asked;
            publish("news", "after");

            System.out.println("A revocation reached the page after " + seen + " ms.");
            assertThat(seen).isLessThan(10_000);
            spared.awaitTold("after");
            stream.awaitClosed();
            assertThat(stream.told()).isEmpty();
            assertThat(spared.opened()).isOne();
        }
    }

    @Test
    void reconnectsAfterADisconnectWithoutLosingAnEvent() throws Exception {
        try (Page page = page(live(APP, "/health/live"))) {
            signIn(page, "alice", LONG);
            SignedInStream stream = SignedInStream.open(page, "/events/news", false);
            assertThat(stream.opens()).isTrue();
            publish("news", "one");

            admin("disconnect", "alice");
            publish("news", "two");
            stream.awaitOpened(2);
            publish("news", "three");

            stream.awaitTold("one", "two", "three");
        }
    }

    private Page page(String url) {
        Page page = chromium.newPage(new Browser.NewPageOptions().setIgnoreHTTPSErrors(true));
        page.navigate(url);
        return page;
    }

    /** Where Longwave is for the browser. */
    private String live(String host, String path) {
        return "https://" + host + ':' + server.port() + path;
    }

    private static String token(String subject, Duration lifetime) {
        return SignedToken.of(subject)
                .subscribe("news")
                .expires(Instant.now().plus(lifetime))
                .text();
    }

    private void issue(String subject, Duration lifetime, String attributes) {
        application.issue("longwave=" + token(subject, lifetime) + attributes);
    }

    /** The page asks its application for a new cookie; the two are on one site. */
    private void signIn(Page page, String subject, Duration lifetime) {
        issue(subject, lifetime, LAX);
        page.evaluate(
                "url => fetch(url, { mode: 'no-cors', credentials: 'include' })",
                application.origin(APP) + "/sign-in");
    }

    /**
     * {@return an open stream that ends soon} On a slow machine, soon is later.
     *
     * @param answers to the requests for this stream
     * @param renewed whether the page gets another cookie before the stream ends
     */
    private SignedInStream openForAShortTime(Page page, List<Integer> answers, boolean renewed) {
        for (var lifetime = Duration.ofSeconds(3); ; lifetime = lifetime.multipliedBy(2)) {
            answers.clear();
            Instant end = Instant.now().plus(lifetime);
            signIn(page, "alice", lifetime);
            SignedInStream stream = SignedInStream.open(page, "/events/news", false);
            boolean opened = stream.opens();
            if (renewed) {
                signIn(page, "alice", LONG);
            }
            if (opened && (!renewed || Instant.now().isBefore(end))) {
                return stream;
            }
            stream.close();
        }
    }

    private void publish(String topic, String data) throws Exception {
        HttpResponse<String> response =
                client.send(
                        HttpRequest.newBuilder(URI.create(server.url("/events/" + topic)))
                                .header("Authorization", PUBLISHER.bearer())
                                .POST(BodyPublishers.ofString(data))
                                .build(),
                        BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    }

    private void admin(String command, String subject) throws Exception {
        HttpResponse<String> response =
                client.send(
                        HttpRequest.newBuilder(
                                        URI.create(
                                                server.server().adminUrl() + "/admin/" + command))
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString("{\"subject\":\"" + subject + "\"}"))
                                .build(),
                        BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
    }

    private static void noteAnswer(Response response, List<Integer> answers) {
        if (response.url().contains("/events/")) {
            answers.add(response.status());
        }
    }
}
