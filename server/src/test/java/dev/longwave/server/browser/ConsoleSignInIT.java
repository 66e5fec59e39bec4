package dev.longwave.server.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import dev.longwave.server.TestServer;
import dev.longwave.testing.Chromium;
import dev.longwave.testing.SignedToken;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The console of a server on which clients sign in. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ConsoleSignInIT {

    private static final String ANONYMOUS =
            "Not signed in: the page may do what anonymous clients may.";
    private static final String TOPIC = "playground/hello";
    private static final int RETRY_MILLIS = 4000; // of stream.js

    /** Has the page go on at once, and note how long its streams would have waited. */
    private static final String NO_PAUSES =
            """
            () => {
              const start = setTimeout;
              window.pauses = [];
              window.setTimeout = (action, millis) => {
                const isOfStream = [0, 4000].includes(millis);
                if (isOfStream) pauses.push(millis);
                return start(action, isOfStream ? 0 : millis);
              };
            }
            """;

    /** Opens a stream of the console, and returns what becomes of it. */
    private static final String STREAM =
            """
            async topic => {
              const { Stream } = await import('/console/stream.js');
              return new Promise(resolve => new Stream({
                topics: [topic],
                on: {},
                onChange: ({ state }) => ['open', 'failed'].includes(state) && resolve(state),
              }));
            }
            """;

    private final TestServer server =
            TestServer.with(
                    "auth.jwt.secret=" + SignedToken.SECRET,
                    "auth.ticket-secret=" + SignedToken.SECRET,
                    "auth.cookie=longwave",
                    "sse.retry=PT0.2S");
    private final List<String> written = new CopyOnWriteArrayList<>();
    private Chromium chromium;

    @BeforeAll
    void start() {
        chromium = Chromium.launch();
    }

    @AfterAll
    void stop() {
        if (chromium != null) {
            chromium.close();
        }
        server.close();
    }

    @BeforeEach
    void forget() {
        written.clear();
    }

    @Test
    void readsAndPublishesWithATokenUntilTheVisitorSignsOut() {
        String token = alice().text();
        try (Page page = open("/")) {
            assertThat(who(page)).hasText(ANONYMOUS);
            page.locator("#subscribe [type=submit]").click();
            assertThat(page.locator("#subscribe .message"))
                    .containsText(Pattern.compile("401.*Sign in at the top of the console"));

            signIn(page, "Bearer " + token);

            assertThat(who(page)).hasText(Pattern.compile("Signed in as alice, until [0-9/]+, .*"));
            page.locator("#subscribe [type=submit]").click();
            assertThat(page.locator("#subscribe .state")).hasAttribute("data-state", "open");
            page.locator("#publish [type=submit]").click();
            assertThat(page.locator("#inspector tbody .data")).hasText("Hello, long wave!");
            page.locator("#subscribe [name=history]").click();
            assertThat(page.locator("#subscribe .message")).hasText("1 past events.");
            assertThat(page.locator("#subscribe .curl")).containsText("Bearer $LONGWAVE_TOKEN");
            page.locator("#publish [name=topic]").fill("elsewhere");
            page.locator("#publish [type=submit]").click();
            assertThat(page.locator("#publish .answer-of-server"))
                    .containsText(Pattern.compile("403.*auth\\.rules"));
            assertHidden(page, token);

            page.reload();
            assertThat(who(page)).containsText("Signed in as alice");
            assertHidden(page, token);
            page.locator("#sign-in .sign-out").click();
            assertThat(who(page)).hasText(ANONYMOUS);
            assertThat(page.evaluate("sessionStorage.length")).isEqualTo(0);
        }
    }

    @Test
    void saysWhyATokenIsRefused() {
        String expired = alice().expires(Instant.EPOCH).text();
        try (Page page = open("/")) {
            assertThat(who(page)).hasText(ANONYMOUS);

            signIn(page, expired);

            assertThat(who(page))
                    .hasText(Pattern.compile("The server refuses the token: 401 · .*expired.*"));
            assertThat(page.locator("#sign-in .sign-out")).isHidden();
            assertThat(page.evaluate("sessionStorage.length")).isEqualTo(0);
            assertHidden(page, expired);
        }
    }

    @Test
    void acceptsATokenThatIsTooLongForATicket() {
        SignedToken erin =
                SignedToken.of("erin")
                        .publish(TOPIC, "p".repeat(5000)); // tickets are of 6 KiB at most
        try (Page page = open("/")) {
            signIn(page, erin.text());

            assertThat(who(page)).containsText("Signed in as erin, until");
            page.locator("#publish [type=submit]").click();
            assertThat(page.locator("#publish .answer-of-server")).containsText("200");
        }
    }

    @Test
    void acceptsATokenWhoseTicketsAreUsedUp() {
        try (TestServer strict =
                        TestServer.with(
                                "auth.jwt.secret=" + SignedToken.SECRET,
                                "limits.tickets-per-minute=1");
                Page page = open(strict, "/")) {
            signIn(page, alice().text());
            assertThat(who(page)).containsText("Signed in as alice");

            page.reload();

            assertThat(who(page)).containsText("Signed in as alice, until");
            assertThat(who(page)).not().hasClass(Pattern.compile("alarm"));
        }
    }

    @Test
    void asksForAnotherTicketAfterABadGateway() {
        try (Page page = open("/")) {
            signIn(page, alice().text());
            assertThat(who(page)).containsText("Signed in as alice");
            page.evaluate(NO_PAUSES);
            page.evaluate(
                    """
                    () => {
                      const ask = fetch;
                      const answers = [new Response('', { status: 502 }), new Response('', { status: 408 })];
                      window.fetch = (url, options) =>
                        `${url}`.endsWith('/tickets') && answers.length > 0
                          ? Promise.resolve(answers.pop())
                          : ask(url, options);
                    }
                    """);

            assertThat(page.evaluate(STREAM, TOPIC)).isEqualTo("open");

            assertThat(page.evaluate("() => pauses"))
                    .isEqualTo(List.of(RETRY_MILLIS, RETRY_MILLIS));
        }
    }

    @Test
    void pausesAfterASecondTicketThatIsRefused() {
        try (Page page = open("/")) {
            signIn(page, alice().text());
            assertThat(who(page)).containsText("Signed in as alice");
            page.evaluate(NO_PAUSES);
            page.evaluate(
                    """
                    () => {
                      window.tickets = 0;
                      window.EventSource = class extends EventSource {
                        constructor(url) {
                          super(url.includes('ticket=') && ++tickets < 4 ? 'nowhere' : url);
                        }
                      };
                    }
                    """);

            assertThat(page.evaluate(STREAM, TOPIC)).isEqualTo("open");

            assertThat(page.evaluate("() => pauses"))
                    .isEqualTo(List.of(0, RETRY_MILLIS, RETRY_MILLIS));
        }
    }

    @Test
    void saysThatATokenHasBeenRevoked() throws Exception {
        SignedToken bob = SignedToken.of("bob").subscribe(TOPIC);
        try (Page page = open("/")) {
            signIn(page, bob.text());
            assertThat(who(page)).containsText("Signed in as bob");
            page.locator("#subscribe [type=submit]").click();
            assertThat(page.locator("#subscribe .state")).hasAttribute("data-state", "open");

            admin("revoke", "bob");

            assertThat(page.locator("#subscribe .state")).hasAttribute("data-state", "failed");
            assertThat(who(page))
                    .hasText(Pattern.compile("The server refuses the token: 401 · .*revoked.*"));
            assertThat(page.locator("#sign-in .sign-out")).isVisible();
        }
    }

    @Test
    void saysWhoTheCookieOfTheBrowserStandsFor() {
        try (Page page = open("/health/live")) {
            page.evaluate(
                    "token => document.cookie = 'longwave=' + token + '; path=/'", alice().text());
            page.navigate(server.url("/"));

            assertThat(who(page))
                    .hasText("Signed in as alice, by a cookie or certificate of this browser.");
            page.locator("#subscribe [type=submit]").click();
            assertThat(page.locator("#subscribe .state")).hasAttribute("data-state", "open");
        }
    }

    @Test
    void opensTheStreamsOfTheDemonstrationWithTickets() throws Exception {
        SignedToken carol = SignedToken.of("carol").subscribe("demo/**").publish("demo/**");
        try (Page page = open("/#demo")) {
            assertThat(page.locator("#demo-off")).containsText("401");
            publish(carol, "demo/metrics", "{}");

            signIn(page, carol.text());

            assertThat(page.locator("#shared .state")).hasAttribute("data-state", "open");
            admin("disconnect", "carol");
            assertThat(page.locator("#shared [data-fact=reconnects]")).hasText("1");
            publish(
                    carol,
                    "demo/logs?type=log",
                    "{\"time\":\"2030-01-01T00:00:00Z\",\"service\":\"a\",\"level\":\"info\",\"message\":\"after\"}");
            assertThat(page.locator("#logs .tail")).containsText("after");
            assertThat(page.locator("#shared [data-fact=id]"))
                    .not()
                    .containsText(Pattern.compile("~"));
            assertHidden(page, carol.text());
            assertThat(written.stream().filter(url -> url.contains("?topic=")))
                    .isNotEmpty()
                    .allMatch(url -> url.contains("&ticket=") && !url.contains("~"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"chat", "chat-plain"})
    void opensItsRoomsOnceTheVisitorHasSignedIn(String room) {
        SignedToken dave =
                SignedToken.of("dave")
                        .subscribe("chat/*", "typing/*")
                        .publish("chat/*", "typing/*")
                        .presence("chat/*");
        try (Page page = open("/console/" + room + ".html")) {
            join(page);
            assertThat(page.locator("#notice"))
                    .containsText(Pattern.compile("401.*Sign in at the top of the console"));

            page.navigate(server.url("/"));
            signIn(page, dave.text());
            assertThat(who(page)).containsText("Signed in as dave");
            page.navigate(server.url("/console/" + room + ".html"));
            join(page);
            assertThat(page.locator("#state")).hasAttribute("data-state", "open");
            page.locator("#say [name=text]").fill("hello, " + room);
            page.locator("#say [type=submit]").click();

            assertThat(page.locator("#messages")).containsText("hello, " + room);
            assertHidden(page, dave.text());
        }
    }

    private static SignedToken alice() {
        return SignedToken.of("alice").subscribe(TOPIC).publish(TOPIC);
    }

    /** All that the page requests and says is noted. */
    private Page open(String path) {
        return open(server, path);
    }

    private Page open(TestServer which, String path) {
        Page page = chromium.newPage(new Browser.NewPageOptions());
        page.onRequest(request -> written.add(request.url()));
        page.onWebSocket(socket -> written.add(socket.url()));
        page.onConsoleMessage(message -> written.add(message.text()));
        page.navigate(which.url(path));
        return page;
    }

    private static Locator who(Page page) {
        return page.locator("#sign-in .who");
    }

    private static void signIn(Page page, String token) {
        page.locator("#sign-in input").fill(token);
        page.locator("#sign-in [type=submit]").click();
        assertThat(page.locator("#sign-in input")).hasValue("");
    }

    private static void join(Page page) {
        page.locator("#join [name=who]").fill("Ann");
        page.locator("#join [type=submit]").click();
    }

    /** The token is neither in the page nor in what the page has requested or said. */
    private void assertHidden(Page page, String token) {
        String signature = token.substring(token.lastIndexOf('.') + 1);
        assertThat(page.content()).doesNotContain(signature);
        assertThat(page.url()).doesNotContain(signature);
        assertThat(written).isNotEmpty().noneMatch(text -> text.contains(signature));
    }

    private void publish(SignedToken as, String target, String data) throws Exception {
        assertThat(
                        server.post("/events/" + target, data, "Authorization", as.bearer())
                                .statusCode())
                .isEqualTo(200);
    }

    private void admin(String command, String subject) throws Exception {
        URI uri = URI.create(server.server().adminUrl() + "/admin/" + command);
        HttpRequest request =
                HttpRequest.newBuilder(uri)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{\"subject\":\"" + subject + "\"}"))
                        .build();
        assertThat(server.send(request).statusCode()).isEqualTo(202);
    }
}
