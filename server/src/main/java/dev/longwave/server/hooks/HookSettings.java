package dev.longwave.server.hooks;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Settings;
import dev.longwave.server.http.ServiceUrl;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Settings of hooks.
 *
 * @param url where the application takes requests; null for no hooks
 * @param secret what they are signed with; null for no hooks
 * @param events what the application is told and asked
 * @param timeout how long it may take to answer
 * @param deadline how long it is tried to tell it of an event
 * @param maxQueued how many events may wait to be told
 * @param maxAsked how many questions may be open at a time
 * @param onFailure what becomes of a client's event if there is no answer
 * @param publishOverHttp whether it is asked about events that are published over HTTP, too
 */
public record HookSettings(
        @Nullable URI url,
        @Nullable HookSecret secret,
        Set<HookEvent> events,
        Duration timeout,
        Duration deadline,
        int maxQueued,
        int maxAsked,
        OnFailure onFailure,
        boolean publishOverHttp) {

    private static final List<String> DEFAULT_EVENTS =
            List.of("joined", "left", "occupied", "vacated");

    /** What becomes of a client's event if the application does not answer. */
    enum OnFailure {
        REFUSE,
        ACCEPT
    }

    public HookSettings {
        events = Set.copyOf(events);
    }

    /**
     * Reads the section {@code hooks}.
     *
     * @throws BrokerConfigurationException if a setting is invalid, or the secret is missing
     */
    public static HookSettings read(Settings settings) {
        Settings hooks = settings.section("hooks");
        Optional<String> url =
                hooks.text(
                        "url",
                        "The application's endpoint for hooks: it is told who joins and leaves"
                                + " topics, and asked about events that clients publish. See"
                                + " docs/hooks.md.");
        String secret =
                hooks.text(
                        "secret",
                        "",
                        "The secret that signs these requests: whsec_ and the base64 of 24 to 64"
                                + " random bytes. Meant to be set in the environment.");
        Optional<String> secretFile =
                hooks.text(
                        "secret-file",
                        "A file that contains this secret, instead of hooks.secret.");
        var read =
                new HookSettings(
                        url.map(text -> ServiceUrl.checked(text, "hooks.url")).orElse(null),
                        secret(secret, secretFile),
                        events(
                                hooks.list(
                                        "events",
                                        DEFAULT_EVENTS,
                                        "What the application is told about: joined, left,"
                                            + " occupied, and vacated. With publish, it is asked"
                                            + " about each event that a client publishes.")),
                        hooks.duration(
                                "timeout",
                                Duration.ofSeconds(2),
                                Duration.ofMillis(100),
                                Duration.ofSeconds(30),
                                "How long the application may take to answer a request."),
                        hooks.duration(
                                "deadline",
                                Duration.ofMinutes(1),
                                Duration.ofSeconds(1),
                                Duration.ofHours(1),
                                "How long the server keeps trying to tell the application about an"
                                        + " event before it drops the event."),
                        (int)
                                hooks.number(
                                        "max-queued",
                                        10_000,
                                        8,
                                        1_000_000,
                                        "The maximum number of events that wait to be told. Further"
                                                + " ones are dropped."),
                        (int)
                                hooks.number(
                                        "max-asked",
                                        64,
                                        1,
                                        10_000,
                                        "The maximum number of questions about events that are open"
                                                + " at a time. Further ones wait."),
                        hooks.choice(
                                "on-failure",
                                OnFailure.REFUSE,
                                OnFailure.class,
                                "What becomes of an event that a client publishes if the"
                                        + " application does not answer in time, or fails."),
                        hooks.flag(
                                "publish-over-http",
                                false,
                                "Whether the application is asked about events that are published"
                                        + " with POST, too."));
        if (read.url != null && read.secret == null) {
            throw new BrokerConfigurationException(
                    "hooks.url needs a secret to sign requests with: set hooks.secret or"
                            + " hooks.secret-file");
        }
        return read;
    }

    private static @Nullable HookSecret secret(String text, Optional<String> file) {
        if (!text.isEmpty()) {
            return HookSecret.parse(text);
        }
        if (file.isEmpty()) {
            return null;
        }
        try {
            return HookSecret.parse(Files.readString(Path.of(file.get())));
        } catch (IOException e) {
            throw new BrokerConfigurationException(
                    "cannot read the file of hooks.secret-file file=" + file.get(), e);
        }
    }

    private static Set<HookEvent> events(List<String> words) {
        var events = EnumSet.noneOf(HookEvent.class);
        for (String word : words) {
            try {
                events.add(HookEvent.valueOf(word.toUpperCase(Locale.ROOT)));
            } catch (IllegalArgumentException e) {
                throw new BrokerConfigurationException(
                        "setting hooks.events must be of joined, left, occupied, vacated, and"
                                + " publish value="
                                + word,
                        e);
            }
        }
        return events;
    }
}
