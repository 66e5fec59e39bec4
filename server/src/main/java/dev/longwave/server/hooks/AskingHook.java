package dev.longwave.server.hooks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.Message;
import dev.longwave.server.http.Json;
import dev.longwave.server.http.ProblemException;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Asks the application, a bounded number of times at once. */
final class AskingHook implements PublishHook {

    private static final System.Logger LOGGER = System.getLogger(AskingHook.class.getName());

    private final HookClient client;
    private final Duration timeout;
    private final HookSettings.OnFailure onFailure;
    private final Semaphore asking;
    private final Rewriting rewriting;
    private final InstantSource clock;

    AskingHook(HookClient client, HookSettings settings, int maxDataBytes, InstantSource clock) {
        this.client = client;
        this.timeout = settings.timeout();
        this.onFailure = settings.onFailure();
        this.asking = new Semaphore(settings.maxAsked());
        this.rewriting = new Rewriting(maxDataBytes);
        this.clock = clock;
    }

    @Override
    public Message check(@Nullable String subject, String topic, Message message) {
        try {
            return accepted(ask(body(subject, topic, message)), message);
        } catch (IOException e) {
            LOGGER.log(
                    System.Logger.Level.DEBUG,
                    "the application was not asked about an event host={0} reason={1}",
                    client.host(),
                    e.getMessage());
            return switch (onFailure) {
                case ACCEPT -> message;
                case REFUSE -> throw Refusals.unavailable().exception();
            };
        }
    }

    private HttpResponse<byte[]> ask(byte[] body) throws IOException {
        try {
            if (!asking.tryAcquire(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException("too many questions are open limit=hooks.max-asked");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        try {
            return client.post("publish_" + UUID.randomUUID(), body);
        } finally {
            asking.release();
        }
    }

    private byte[] body(@Nullable String subject, String topic, Message message) {
        ObjectNode data = Json.object().put("topic", topic).put("user", subject);
        data.set("event", event(message));
        return HookClient.body(HookEvent.PUBLISH, clock.instant(), data);
    }

    private static ObjectNode event(Message message) {
        ObjectNode event = Json.object();
        if (message.isText()) {
            event.put("data", new String(message.data(), StandardCharsets.UTF_8));
        } else {
            event.put("data", message.data()).put("encoding", "base64");
        }
        put(event, "type", message.type());
        put(event, "key", message.key());
        put(event, "id", message.id());
        if (message.end()) {
            event.put("end", true);
        }
        if (!message.attributes().isEmpty()) {
            ObjectNode attributes = event.putObject("attributes");
            message.attributes().toMap().forEach(attributes::put);
        }
        return event;
    }

    private static void put(ObjectNode event, String name, @Nullable String value) {
        if (value != null) {
            event.put(name, value);
        }
    }

    private Message accepted(HttpResponse<byte[]> answer, Message message) throws IOException {
        int status = answer.statusCode();
        return switch (status / 100) {
            case 2 -> rewriting.apply(json(answer), message);
            case 4 -> {
                if (status == 408 || status == 429) {
                    throw new IOException("unexpected status=" + status);
                }
                throw refused(answer);
            }
            default -> throw new IOException("unexpected status=" + status);
        };
    }

    private static JsonNode json(HttpResponse<byte[]> answer) throws IOException {
        byte[] body = answer.body();
        if (body.length == 0) {
            return Json.object();
        }
        try {
            return Json.parse(body, 0, body.length);
        } catch (IllegalArgumentException e) {
            throw new IOException("the answer is " + e.getMessage(), e);
        }
    }

    /** A body is welcome, and may be anything: a proxy's page perhaps. */
    private static ProblemException refused(HttpResponse<byte[]> answer) {
        try {
            return Rewriting.refusal(json(answer)).exception();
        } catch (IOException _) {
            return Refusals.refused("").exception();
        }
    }
}
