package dev.longwave.server.browser;

import dev.longwave.broker.testing.RequiredProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The machine's own Firefox, without a window. Playwright drives only a Firefox that it has patched
 * itself, so nothing drives this one: it opens a page, whose script tells the test what it has
 * seen.
 */
final class Firefox implements AutoCloseable {

    private static final String PREFERENCES =
            """
            user_pref("app.update.enabled", false);
            user_pref("browser.aboutwelcome.enabled", false);
            user_pref("browser.shell.checkDefaultBrowser", false);
            user_pref("browser.startup.homepage_override.mstone", "ignore");
            user_pref("datareporting.policy.dataSubmissionEnabled", false);
            user_pref("network.captive-portal-service.enabled", false);
            user_pref("network.connectivity-service.enabled", false);
            user_pref("toolkit.telemetry.enabled", false);
            """;

    private final Process process;

    private Firefox(Process process) {
        this.process = process;
    }

    /**
     * Opens a page.
     *
     * @param directory an empty folder for the profile and the log
     */
    static Firefox open(String url, Path directory) throws IOException {
        Path program = RequiredProgram.find("firefox-esr", "firefox");
        Path profile = Files.createDirectory(directory.resolve("profile"));
        Files.writeString(profile.resolve("user.js"), PREFERENCES);
        var builder =
                new ProcessBuilder(
                        program.toString(),
                        "--headless",
                        "--no-remote",
                        "--profile",
                        profile.toString(),
                        url);
        builder.environment().put("HOME", directory.toString());
        builder.environment().put("MOZ_CRASHREPORTER_DISABLE", "1");
        return new Firefox(
                builder.redirectErrorStream(true)
                        .redirectOutput(directory.resolve("firefox.log").toFile())
                        .start());
    }

    boolean isRunning() {
        return process.isAlive();
    }

    /** It has processes for its pages. */
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        process.onExit().join();
    }
}
