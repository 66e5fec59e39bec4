package dev.longwave.recipes;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.longwave.broker.testing.Bus;
import dev.longwave.testing.Chromium;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** {@code examples/ai-answer}, beside the distribution, in a real browser. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AnswerRecipeIT {

    private static final int RELOADS = 5;

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
    void isWholeAfterReloadsWhileItIsWritten() throws Exception {
        try (Model model = Model.start();
                Recipe recipe = start(model, List.of());
                Page page = ask(recipe)) {
            for (int i = 0; i < RELOADS; i++) {
                assertThat(page.locator("#text")).hasText(model.say("It rains, "));
                model.say("and it rains:\n");

                page.reload();
                model.say(" it rains. ");
            }
            model.end();

            assertThat(page.locator("#state")).hasText("done");
            assertThat(page.locator("#text").textContent()).isEqualTo(model.said());
            page.reload();
            assertThat(page.locator("#state")).hasText("done");
            assertThat(page.locator("#text").textContent()).isEqualTo(model.said());
        }
    }

    @Test
    void isWholeOverARestartOfTheServerWithABrokerThatKeepsEvents() throws Exception {
        try (Model model = Model.start();
                Bus redis = Bus.Kind.REDIS.start();
                Recipe recipe = start(model, redis.settings());
                Page page = ask(recipe)) {
            assertThat(page.locator("#text")).hasText(model.say("Before, "));
            model.say("meanwhile, ");

            recipe.restartLongwave();
            page.reload();
            assertThat(page.locator("#text")).hasText(model.say("after, "));
            recipe.restartLongwave(); // and without a reload
            model.say("and at last.");
            model.end();

            assertThat(page.locator("#state")).hasText("done");
            assertThat(page.locator("#text").textContent()).isEqualTo(model.said());
        }
    }

    @Test
    void saysThatItIsIncompleteAfterARestartWithTheMemoryBroker() throws Exception {
        try (Model model = Model.start();
                Recipe recipe = start(model, List.of());
                Page page = ask(recipe)) {
            String before = model.say("Before, ");
            assertThat(page.locator("#text")).hasText(before);

            recipe.restartLongwave();
            model.say("after.");
            model.end();

            assertThat(page.locator("#state")).hasText("incomplete: epoch-changed");
            assertThat(page.locator("#text").textContent()).isEqualTo(before);
        }
    }

    private static Recipe start(Model model, List<String> settings) throws Exception {
        List<String> options = new ArrayList<>(List.of("--development", "--no-demo"));
        settings.forEach(setting -> options.addAll(List.of("--set", setting)));
        Recipe recipe = Recipe.copyOf("ai-answer");
        try {
            String node = Recipe.program("node", "nodejs");
            recipe.startLongwave(options);
            recipe.startApplication("MODEL_URL=" + model.url(), node, "app.js");
            return recipe;
        } catch (Exception | Error e) {
            recipe.close();
            throw e;
        }
    }

    private Page ask(Recipe recipe) {
        Page page = chromium.newPage();
        page.navigate(recipe.url("127.0.0.1"));
        page.locator("[name=question]").fill("How is the weather?");
        page.locator("[name=question]").press("Enter");
        assertThat(page.locator("#state")).hasText("writing");
        return page;
    }
}
