package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerUnavailableException;
import io.nats.client.Message;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The stream that is the log of all topics. */
final class Stream {
    /*
     * What is there is never altered: a stream that is not as the settings say is told of, and left
     * as it is. One that is not there is created, at the start and, should somebody delete it, later,
     * when the tails are checked: as it has another epoch, everybody is told of the loss.
     *
     * Two nodes may create it at once. Then one finds it there.
     */
    private static final Logger LOGGER = System.getLogger(Stream.class.getName());

    private static final int STREAM_NOT_FOUND = 10059;
    private static final int NAME_IN_USE = 10058;
    private static final int NOT_ENABLED = 10076;
    private static final int NOT_ENABLED_FOR_ACCOUNT = 10039;
    private static final int UNAVAILABLE = 503;

    private final Requests requests;
    private final NatsSettings settings;
    private final StreamTemplate design;
    private volatile long epoch;

    Stream(Requests requests, NatsSettings settings, Subjects subjects) {
        this.requests = requests;
        this.settings = settings;
        this.design = new StreamTemplate(settings, subjects);
    }

    /** {@return the epoch as last seen} */
    long epoch() {
        return epoch;
    }

    /**
     * Creates the stream if it is not there.
     *
     * @throws BrokerConfigurationException if it is another one, or cannot be
     */
    void ensure() {
        StreamInfo info = ask("look at the stream", "INFO", new byte[0]);
        if (info.hasError() && info.getApiErrorCode() == STREAM_NOT_FOUND) {
            info = create();
        }
        refuseErrors(info);
        List<String> differences = design.differences(info.getConfiguration());
        if (!differences.isEmpty()) {
            throw new BrokerConfigurationException(
                    "the stream is there, and is not as the settings say; it was left as it is."
                            + " Change the settings or the stream: %s stream=%s"
                                    .formatted(String.join("; ", differences), settings.stream()));
        }
        epoch = StreamFacts.of(info).epoch();
    }

    private StreamInfo create() {
        StreamConfiguration wanted = design.wanted();
        StreamInfo info =
                ask(
                        "create the stream",
                        "CREATE",
                        wanted.toJson().getBytes(StandardCharsets.UTF_8));
        if (info.hasError() && info.getApiErrorCode() == NAME_IN_USE) {
            return ask("look at the stream", "INFO", new byte[0]);
        }
        if (!info.hasError()) {
            LOGGER.log(
                    Level.INFO,
                    "created the stream name={0} replicas={1}",
                    wanted.getName(),
                    wanted.getReplicas());
        }
        return info;
    }

    /**
     * {@return what the leader says now}
     *
     * @param subject whose messages to count
     * @throws BrokerUnavailableException if there is no leader now
     */
    StreamFacts facts(String subject) {
        byte[] filter =
                "{\"subjects_filter\":\"%s\"}".formatted(subject).getBytes(StandardCharsets.UTF_8);
        return facts(filter);
    }

    /** {@return the same, nothing counted} */
    StreamFacts facts() {
        return facts(new byte[0]);
    }

    private StreamFacts facts(byte[] body) {
        StreamInfo info = ask("look at the stream", "INFO", body);
        if (info.hasError() && info.getApiErrorCode() == STREAM_NOT_FOUND) {
            LOGGER.log(Level.WARNING, "the stream is gone name={0}", settings.stream());
            try {
                ensure();
            } catch (BrokerConfigurationException e) {
                throw new BrokerUnavailableException("the stream cannot be had again", e);
            }
            info = ask("look at the stream", "INFO", body);
        }
        if (info.hasError()) {
            throw requests.unavailable("look at the stream", "the server says: " + info.getError());
        }
        StreamFacts facts = StreamFacts.of(info);
        epoch = facts.epoch();
        return facts;
    }

    private StreamInfo ask(String attempt, String what, byte[] body) {
        Message reply =
                requests.ask(attempt, "$JS.API.STREAM." + what + '.' + settings.stream(), body);
        return new StreamInfo(reply);
    }

    private void refuseErrors(StreamInfo info) {
        if (!info.hasError()) {
            return;
        }
        int code = info.getApiErrorCode();
        BrokerException refusal =
                info.getErrorCode() == UNAVAILABLE
                                && code != NOT_ENABLED
                                && code != NOT_ENABLED_FOR_ACCOUNT
                        ? requests.unavailable(
                                "have the stream", "the server says: " + info.getError())
                        : new BrokerConfigurationException(
                                "the servers refuse the stream: %s stream=%s replicas=%d"
                                        .formatted(
                                                info.getError(),
                                                settings.stream(),
                                                settings.replicas()));
        throw refusal;
    }
}
