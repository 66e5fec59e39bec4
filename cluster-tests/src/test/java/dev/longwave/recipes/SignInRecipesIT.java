package dev.longwave.recipes;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Page;
import dev.longwave.testing.Chromium;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The projects in {@code examples/sign-in}, each installed and run as its README says, beside the
 * distribution, in a real browser.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SignInRecipesIT {

    private static final String NO_TELEMETRY = "NEXT_TELEMETRY_DISABLED=1";
    private static final String NEXT = "node_modules/next/dist/bin/next";

    private Chromium chromium;

    @BeforeAll
    void launch() {
        chromium = Chromium.launch();
    }

    @AfterAll
    void quit() {
        if (chromium != null) {
            chromium.close();
        }
    }

    @Test
    void express() throws Exception {
        try (Recipe recipe = Recipe.copyOf("sign-in/express")) {
            String node = Recipe.program("node", "nodejs");
            recipe.run(Recipe.program("npm"), "ci");
            recipe.startLongwave();
            recipe.startApplication(node, "app.js");

            showsTheInboxOfTheSessionAndNoOther(recipe);
        }
    }

    @Test
    void springBoot() throws Exception {
        try (Recipe recipe = Recipe.copyOf("sign-in/spring-boot")) {
            recipe.run(Recipe.program("mvn"), "-B", "-ntp", "-q", "package");
            recipe.startLongwave();
            recipe.startApplication(Recipe.java(), "-jar", "target/sign-in-spring-boot-1.0.0.jar");

            showsTheInboxOfTheSessionAndNoOther(recipe);
        }
    }

    @Test
    void django() throws Exception {
        try (Recipe recipe = Recipe.copyOf("sign-in/django")) {
            recipe.run(Recipe.program("python3"), "-m", "venv", "venv");
            String python = recipe.folder().resolve("venv/bin/python").toString();
            recipe.run(python, "-m", "pip", "install", "--no-compile", "-r", "requirements.txt");
            recipe.run(python, "manage.py", "migrate");
            addUser(recipe, python, "alice", "wonderland");
            addUser(recipe, python, "bob", "builder");
            recipe.startLongwave();
            recipe.startApplication(
                    "/bin/sh", "-c", "exec \"$0\" manage.py runserver --noreload $PORT", python);

            showsTheInboxOfTheSessionAndNoOther(recipe);
        }
    }

    @Test
    void rails() throws Exception {
        try (Recipe recipe = Recipe.copyOf("sign-in/rails")) {
            String puma = Recipe.program("puma");
            recipe.startLongwave();
            recipe.startApplication(
                    "/bin/sh", "-c", "exec \"$0\" --bind tcp://127.0.0.1:$PORT config.ru", puma);

            showsTheInboxOfTheSessionAndNoOther(recipe);
        }
    }

    @Test
    void nextJs() throws Exception {
        try (Recipe recipe = Recipe.copyOf("sign-in/nextjs")) {
            String node = Recipe.program("node", "nodejs");
            recipe.run(Recipe.program("npm"), "ci", "--no-audit", "--no-fund");
            recipe.run("/usr/bin/env", NO_TELEMETRY, node, NEXT, "build");
            recipe.startLongwave();
            recipe.startApplication(NO_TELEMETRY, node, NEXT, "start", "--hostname", "127.0.0.1");

            showsTheInboxOfTheSessionAndNoOther(recipe);
        }
    }

    private static void addUser(Recipe recipe, String python, String name, String password)
            throws Exception {
        recipe.run(
                "/usr/bin/env",
                "DJANGO_SUPERUSER_PASSWORD=" + password,
                python,
                "manage.py",
                "createsuperuser",
                "--noinput",
                "--username=" + name,
                "--email=" + name + "@example.com");
    }

    private void showsTheInboxOfTheSessionAndNoOther(Recipe recipe) {
        try (Page alice = chromium.newPage();
                Page bob = chromium.newPage()) {
            signIn(alice, recipe, "alice", "wonderland");
            signIn(bob, recipe, "bob", "builder");
            assertThat(alice.locator("#state")).hasText("open");
            assertThat(bob.locator("#state")).hasText("open");

            recipe.publish("users/alice/inbox", "Hello, Alice");

            assertThat(alice.locator("#events li")).hasText("Hello, Alice");
            recipe.publish("users/bob/inbox", "Hello, Bob");
            assertThat(bob.locator("#events li")).hasText("Hello, Bob");
            assertThat(alice.locator("#events li")).hasCount(1);

            bob.navigate(recipe.url("127.0.0.1") + "/?topic=users/alice/inbox");
            assertThat(bob.locator("#state")).hasText("refused");

            endsWithTheSession(recipe, alice);
        }
    }

    /** Signing out in one tab ends the streams of the session in others, and no other session. */
    private void endsWithTheSession(Recipe recipe, Page otherSession) {
        try (Page page = chromium.newPage()) {
            signIn(page, recipe, "alice", "wonderland");
            assertThat(page.locator("#state")).hasText("open");
            Page otherTab = page.waitForPopup(() -> page.evaluate("() => { open('/'); }"));
            otherTab.locator("#sign-out").click();

            assertThat(page.locator("#state")).hasText("refused");
            recipe.publish("users/alice/inbox", "Still there");
            assertThat(otherSession.locator("#events li").last()).hasText("Still there");
            assertThat(page.locator("#events li")).hasCount(0);
        }
    }

    private static void signIn(Page page, Recipe recipe, String name, String password) {
        page.navigate(recipe.url("127.0.0.1"));
        page.locator("[name=username]").fill(name);
        page.locator("[name=password]").fill(password);
        page.locator("[name=password]").press("Enter");
        assertThat(page.locator("#user")).hasText(name);
    }

    @Test
    void tickets() throws Exception {
        try (Recipe recipe = Recipe.copyOf("sign-in/tickets");
                Page page = chromium.newPage()) {
            String node = Recipe.program("node", "nodejs");
            recipe.run(Recipe.longwaveCommand(), "keygen", "--out", "key.json");
            recipe.startLongwave();
            recipe.startApplication(node, "app.js");

            page.navigate(recipe.url("localhost"));
            assertThat(page.locator("#state")).hasText("open");
            recipe.publish("users/alice/inbox", "Hello, Alice");
            assertThat(page.locator("#events li")).hasText("Hello, Alice");

            // Its ticket is worth nothing any more, so the page has to get another one.
            recipe.admin("revoke", "alice");
            recipe.publish("users/alice/inbox", "One more");

            assertThat(page.locator("#events li"))
                    .hasText(new String[] {"Hello, Alice", "One more"});
        }
    }

    @Test
    void mobile() throws Exception {
        try (Recipe recipe = Recipe.copyOf("sign-in/mobile")) {
            recipe.run(Recipe.longwaveCommand(), "keygen", "--out", "key.json");
            recipe.startLongwave();
            Path token = recipe.folder().resolve("token");
            Files.writeString(token, token(recipe, "PT3S"));
            recipe.startClient(
                    Recipe.java(),
                    "Inbox.java",
                    recipe.longwaveUrl() + "/events/users/alice/inbox",
                    "token");
            await().until(() -> recipe.printed().contains("the token is refused"));

            Files.writeString(token, token(recipe, "PT1H"));

            await().until(() -> {
                recipe.publish("users/alice/inbox", "Hello, Alice");
                return recipe.printed().contains("Hello, Alice");
            });
            recipe.admin("disconnect", "alice");
            recipe.publish("users/alice/inbox", "One more");
            await().until(() -> recipe.printed().contains("One more"));
            assertThat(recipe.printed()).containsOnlyOnce("One more");
        }
    }

    private static String token(Recipe recipe, String lifetime) throws Exception {
        return recipe.run(
                        Recipe.longwaveCommand(),
                        "token",
                        "--key",
                        "key.json",
                        "--sub",
                        "alice",
                        "--subscribe",
                        "users/{sub}/**",
                        "--ttl",
                        lifetime)
                .strip();
    }

    @Test
    void publisher() throws Exception {
        try (Recipe recipe = Recipe.copyOf("sign-in/express")) {
            recipe.startLongwave();

            recipe.publish("users/alice/inbox", "allowed");

            assertThatThrownBy(() -> recipe.publish("news", "forbidden"))
                    .hasMessageContaining("topic-forbidden");
        }
    }
}
