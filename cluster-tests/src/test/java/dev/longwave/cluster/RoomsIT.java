package dev.longwave.cluster;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.Cookie;
import dev.longwave.broker.testing.Bus;
import dev.longwave.testing.Chromium;
import dev.longwave.testing.SignedToken;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The console's chat and cursors, in two windows that are connected to two nodes on NATS. */
final class RoomsIT {

    /** As in development mode. */
    private static final List<String> SETTINGS =
            List.of(
                    "topics.typing.pattern=typing/**",
                    "topics.typing.ephemeral=true",
                    "topics.cursors.pattern=cursors/**",
                    "topics.cursors.ephemeral=true");

    private static final Pattern AT_THE_MIDDLE =
            Pattern.compile(".*left: (49|50)[.\\d]*%; top: (49|50)[.\\d]*%.*");

    private final List<String> errors = new ArrayList<>();

    @Test
    void chatsThroughTwoNodes() {
        try (Cluster cluster = Cluster.start(Bus.Kind.NATS, 2, SETTINGS);
                Chromium chromium = Chromium.launch()) {
            Node first = cluster.nodes().getFirst();
            Node second = cluster.nodes().getLast();
            Page ann = join(chromium, first, "chat", "Ann");
            Page bob = join(chromium, second, "chat", "Bob");
            assertThat(members(ann)).hasText(new String[] {"Ann (you)", "Bob"});
            assertThat(members(bob)).hasText(new String[] {"Ann", "Bob (you)"});

            field(ann).fill("Hel");
            assertThat(bob.locator("#typing")).hasText("Ann is typing …");
            field(ann).fill("");
            assertThat(bob.locator("#typing")).isEmpty();

            say(ann, "Hello Bob");
            say(bob, "Hello Ann");
            assertThat(messages(ann)).hasText(new String[] {"Hello Bob", "Hello Ann"});
            assertThat(messages(bob)).hasText(new String[] {"Hello Bob", "Hello Ann"});

            Page cem = join(chromium, second, "chat-plain", "Cem");
            assertThat(messages(cem)).hasText(new String[] {"Hello Bob", "Hello Ann"});
            field(cem).fill("A");
            assertThat(ann.locator("#typing")).hasText("Cem is typing …");
            say(cem, "And me");
            assertThat(ann.locator("#typing")).isEmpty();
            assertThat(messages(ann).last()).hasText("And me");
            field(bob).fill("You");
            screenshot(ann, "chat-ann");
            screenshot(bob, "chat-bob");
            assertThat(errors).isEmpty();

            first.process().kill();
            assertThat(ann.locator("#state")).hasAttribute("data-state", "reconnecting");
            say(bob, "You too");
            first.door().target(second.process().port());
            assertThat(ann.locator("#state")).hasAttribute("data-state", "open");
            say(ann, "I am back");
            for (Page page : List.of(ann, bob, cem)) {
                assertThat(messages(page))
                        .hasText(
                                new String[] {
                                    "Hello Bob", "Hello Ann", "And me", "You too", "I am back"
                                });
            }
            assertThat(members(ann)).hasText(new String[] {"Ann (you)", "Bob"});
            assertThat(members(bob)).hasText(new String[] {"Ann", "Bob (you)"});

            bob.context().close();
            assertThat(members(ann)).hasText(new String[] {"Ann (you)"});
        }
    }

    @Test
    void showsThePointersOfOthersUntilTheyLeave() {
        try (Cluster cluster = Cluster.start(Bus.Kind.NATS, 2, SETTINGS);
                Chromium chromium = Chromium.launch()) {
            Page ann = join(chromium, cluster.nodes().getFirst(), "cursors", "Ann");
            Page bob = join(chromium, cluster.nodes().getLast(), "cursors", "Bob");
            assertThat(members(ann)).hasText(new String[] {"Ann (you)", "Bob"});
            assertThat(members(bob)).hasText(new String[] {"Ann", "Bob (you)"});

            ann.locator("#area").hover();
            assertThat(bob.locator(".cursor")).hasText("Ann");
            assertThat(bob.locator(".cursor")).hasAttribute("style", AT_THE_MIDDLE);
            assertThat(ann.locator(".cursor")).hasCount(0);
            ann.locator("h1").hover();
            assertThat(bob.locator(".cursor")).hasCount(0);

            ann.locator("#area").hover();
            assertThat(bob.locator(".cursor")).hasText("Ann");
            ann.context().close();
            assertThat(members(bob)).hasText(new String[] {"Bob (you)"});
            assertThat(bob.locator(".cursor")).hasCount(0);
            assertThat(errors).isEmpty();
        }
    }

    @Test
    void listsAUserWithTwoWindowsOnce() {
        var settings = new ArrayList<>(SETTINGS);
        settings.add("auth.jwt.secret=" + SignedToken.SECRET);
        settings.add("auth.cookie=token");
        settings.add("auth.rules.all.topics=**");
        settings.add("auth.rules.all.allow=subscribe,publish,presence");
        try (Cluster cluster = Cluster.start(Bus.Kind.NATS, 2, settings);
                Chromium chromium = Chromium.launch()) {
            Node first = cluster.nodes().getFirst();
            Node second = cluster.nodes().getLast();
            Page one = join(signedIn(chromium, first, "ann"), first, "chat", "Ann");
            Page other = join(signedIn(chromium, second, "ann"), second, "chat", "Nancy");
            Page bob = join(signedIn(chromium, second, "bob"), second, "chat", "Bob");
            for (Page page : List.of(one, other)) {
                assertThat(members(page)).hasText(new String[] {"ann (you)", "bob"});
            }
            assertThat(members(bob)).hasText(new String[] {"ann", "bob (you)"});

            one.context().close();
            Page cem = join(signedIn(chromium, first, "cem"), first, "chat", "Cem");
            assertThat(members(bob)).hasText(new String[] {"ann", "bob (you)", "cem"});
            other.context().close();
            assertThat(members(bob)).hasText(new String[] {"bob (you)", "cem"});
            assertThat(members(cem)).hasText(new String[] {"bob", "cem (you)"});
            assertThat(errors).isEmpty();
        }
    }

    private Page join(Chromium chromium, Node node, String file, String name) {
        return join(open(chromium), node, file, name);
    }

    private static Page join(Page page, Node node, String file, String name) {
        page.navigate("http://127.0.0.1:%d/console/%s.html".formatted(node.door().port(), file));
        page.locator("#join [name=who]").fill(name);
        page.locator("#join [type=submit]").click();
        assertThat(page.locator("#state")).hasAttribute("data-state", "open");
        return page;
    }

    private Page signedIn(Chromium chromium, Node node, String subject) {
        Page page = open(chromium);
        page.context()
                .addCookies(
                        List.of(
                                new Cookie("token", SignedToken.of(subject).text())
                                        .setUrl("http://127.0.0.1:" + node.door().port())));
        return page;
    }

    /** Opens a window that shares nothing with others. */
    private Page open(Chromium chromium) {
        Page page = chromium.newPage(new Browser.NewPageOptions().setViewportSize(720, 440));
        // Violations of the content security policy are among the console's errors.
        page.onConsoleMessage(message -> {
            if (message.type().equals("error") || message.type().equals("warning")) {
                errors.add(message.text());
            }
        });
        page.onPageError(errors::add);
        return page;
    }

    private static Locator members(Page page) {
        return page.locator("#members li");
    }

    private static Locator messages(Page page) {
        return page.locator("#messages li span");
    }

    private static Locator field(Page page) {
        return page.locator("#say [name=text]");
    }

    private static void say(Page page, String text) {
        field(page).fill(text);
        field(page).press("Enter");
    }

    private static void screenshot(Page page, String name) {
        page.screenshot(new Page.ScreenshotOptions().setPath(Path.of("target", name + ".png")));
    }
}
