package dev.longwave.server.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Dialog;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.longwave.server.RawStream;
import dev.longwave.server.TestServer;
import dev.longwave.testing.Chromium;
import dev.longwave.testing.SignedToken;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The console of the admin listener, with clients who have signed in. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AdminConsoleIT {

    private static final SignedToken ALICE =
            SignedToken.of("alice").subscribe("orders/*").publish("orders/*");

    private static final String NAME = "admin.example";

    private final List<AutoCloseable> opened = new ArrayList<>();
    private Chromium chromium;

    @BeforeAll
    void start() {
        chromium = Chromium.launch("--host-resolver-rules=MAP " + NAME + " 127.0.0.1");
    }

    @AfterAll
    void stop() {
        chromium.close();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
        opened.clear();
    }

    @ParameterizedTest
    @CsvSource({"LIGHT, 1280", "DARK, 1280", "LIGHT, 390"})
    void showsWhatTheNodeDoes(ColorScheme scheme, int width) throws Exception {
        TestServer server = server();
        stream(server, "alice");
        stream(server, "bob");
        Page page = open(server, scheme, width);

        assertThat(page.locator("[data-figure=streams]")).hasText("2");
        assertThat(page.locator("[data-figure=transports]")).hasText("sse 2");
        assertThat(page.locator("#broker")).hasText("memory, connected");
        assertThat(page.locator("#node tbody tr")).hasCount(1);
        assertThat(page.locator("#topics tbody tr")).hasCount(1);
        assertThat(page.locator("#topics tbody")).containsText("orders/7");
        assertThat(page.locator("#streams tbody tr")).hasCount(2);
        Axe.load().check(page, width);
        page.screenshot(
                new Page.ScreenshotOptions()
                        .setFullPage(true)
                        .setPath(
                                Path.of(
                                        "target",
                                        "admin-console-" + scheme + "-" + width + ".png")));
    }

    @Test
    void findsTheStreamsOfASubjectAndEndsThem() throws Exception {
        TestServer server = server();
        stream(server, "alice");
        stream(server, "bob");
        Page page = open(server);

        assertThat(page.locator("#streams .disconnect")).isHidden();
        page.locator("#streams [name=subject]").fill("alice");
        Locator rows = page.locator("#streams tbody tr");
        assertThat(rows).hasCount(1);
        assertThat(rows).containsText("alice");

        page.locator("#streams .disconnect").click();

        assertThat(page.locator("#streams .message")).containsText("are ended");
        assertThat(rows).hasCount(0);
        page.locator("#streams [name=subject]").fill("");
        assertThat(rows).hasCount(1);
        assertThat(rows).containsText("bob");
    }

    @Test
    void explainsWhatBecameOfAnEvent() throws Exception {
        TestServer server = server();
        RawStream stream = stream(server, "alice");
        String id =
                TestServer.json(
                                server.post(
                                        "/events/orders/7", "x", "Authorization", ALICE.bearer()))
                        .get("id")
                        .textValue();
        stream.lineWith("data: ");
        Page page = open(server);

        page.locator("#streams tbody button").click();
        assertThat(page.locator("#explain [name=topic]")).hasValue("orders/7");
        page.locator("#explain [name=id]").fill(id);
        page.locator("#explain [type=submit]").click();

        assertThat(page.locator("#explain .message")).containsText("delivered");
        assertThat(page.locator("#explain pre")).containsText("\"outcome\": \"delivered\"");

        page.locator("#explain [name=id]").fill("nonsense");
        page.locator("#explain [type=submit]").click();
        assertThat(page.locator("#explain .message")).containsText("400");
    }

    @Test
    void commandsTheNode() throws Exception {
        TestServer server = server();
        stream(server, "alice");
        Page page = open(server);
        Locator answer = page.locator("#commands .message");

        page.locator("[name=reload]").click();
        assertThat(answer).containsText("nothing has changed");
        page.locator("[name=rebalance]").click();
        assertThat(answer).containsText("1 streams are being moved");
        page.onDialog(Dialog::accept);
        page.locator("[name=drain]").click();

        assertThat(answer).containsText("are being ended");
        assertThat(page.locator("#server")).containsText("draining");
        assertThat(server.server().openStreams()).isZero();
    }

    /** Under a name that is not loopback, and with the password that the browser asks for. */
    @Test
    void worksOnAnyNameWithAPassword() throws Exception {
        String password = "correct-horse-battery-staple";
        TestServer server =
                TestServer.with("admin.password=" + password, "server.drain-timeout=PT1S");
        opened.add(server);
        int port = URI.create(server.server().adminUrl()).getPort();
        Page page = newPage(new Browser.NewPageOptions().setHttpCredentials("admin", password));

        page.navigate("http://" + NAME + ':' + port);
        assertThat(page.locator("#server")).hasAttribute("data-state", "open");
        page.locator("[name=rebalance]").click();

        assertThat(page.locator("#commands .message")).containsText("0 streams are being moved");
    }

    @Test
    void saysThatTheNodeIsAway() throws Exception {
        TestServer server = server();
        Page page = open(server);

        server.close();

        assertThat(page.locator("#server")).containsText("no answer");
    }

    private TestServer server() {
        TestServer server =
                TestServer.with(
                        "auth.jwt.secret=" + SignedToken.SECRET, "server.drain-timeout=PT1S");
        opened.add(server);
        return server;
    }

    private RawStream stream(TestServer server, String subject) throws Exception {
        var stream =
                new RawStream(
                        server.port(),
                        "GET /events/orders/7 HTTP/1.1",
                        "Authorization: " + SignedToken.of(subject).subscribe("orders/*").bearer());
        opened.add(stream);
        stream.lineWith("id: ");
        return stream;
    }

    private Page open(TestServer server) {
        return open(server, ColorScheme.LIGHT, 1280);
    }

    private Page open(TestServer server, ColorScheme scheme, int width) {
        Page page =
                newPage(
                        new Browser.NewPageOptions()
                                .setColorScheme(scheme)
                                .setBypassCSP(true) // for axe-core
                                .setViewportSize(width, 844));
        page.navigate(server.server().adminUrl());
        assertThat(page.locator("#server")).hasAttribute("data-state", "open");
        return page;
    }

    private Page newPage(Browser.NewPageOptions options) {
        Page page = chromium.newPage(options);
        opened.add(page);
        return page;
    }
}
