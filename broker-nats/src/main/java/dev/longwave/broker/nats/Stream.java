package dev.longwave.broker.nats;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.feed.Feed;
import io.nats.client.Message;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The stream that stores the messages of all topics. */
final class Stream {
    /*
     * An existing stream is never changed: if it is not what the settings say, the broker does not
     * start. A missing stream is created, at the start and also later, when the tails are checked: if
     * an operator has deleted it, the new stream has another epoch, and all readers are told.
     *
     * Two nodes may create it at once. One of them then finds that it exists.
     *
     * An operator can change the stream while nodes use it. Each check of the tails sees the
     * configuration, every few seconds: what differs is logged, and the broker is degraded until the change
     * is undone. The broker also stays correct if the stream starts to remove messages early.
     *
     * An operator can also delete the stream and create another one, or put a copy back, between two checks.
     * Then a new message gets a sequence that was given before the last check: see epochOfStored().
     */
    private static final Logger LOGGER = System.getLogger(Stream.class.getName());

    private static final String READ = "read the stream's state";
    private static final String CONFIGURATION = "stream";
    private static final int STREAM_NOT_FOUND = 10059;
    private static final int NAME_IN_USE = 10058;
    private static final int UNAVAILABLE = 503;

    private final Requests requests;
    private final NatsSettings settings;
    private final StreamTemplate template;
    private final Feed feed;
    private volatile long epoch;
    private volatile long last; // the newest sequence when the stream was last looked at
    private volatile boolean removesEarly;
    private volatile List<String> differences = List.of(); // those logged last

    Stream(Requests requests, NatsSettings settings, Subjects subjects, Feed feed) {
        this.requests = requests;
        this.settings = settings;
        this.feed = feed;
        this.template = new StreamTemplate(settings, subjects);
    }

    /** {@return the epoch when the stream was last looked at} */
    long epoch() {
        return epoch;
    }

    /** {@return the subject of a request to the servers about this stream} */
    String api(String what) {
        return "$JS.API.STREAM." + what + '.' + settings.stream();
    }

    /** {@return the newest sequence when the stream was last looked at} */
    long last() {
        return last;
    }

    /**
     * {@return the epoch of a message that has just been stored}
     *
     * @param lastBefore {@link #last()} before it was sent
     * @throws BrokerUnavailableException if there is doubt, and the servers do not answer
     */
    long epochOfStored(long sequence, long lastBefore) {
        if (sequence <= lastBefore) {
            long before = epoch;
            StreamFacts facts = facts();
            LOGGER.log(
                    Level.WARNING,
                    "the stream was replaced, or put back from a copy stream={0} same={1}",
                    settings.stream(),
                    facts.epoch() == before);
            feed.suspectAll();
        }
        return epoch;
    }

    /**
     * {@return whether the stream may remove a message before the feed has read it, according to
     * its configuration when it was last looked at}
     */
    boolean removesEarly() {
        return removesEarly;
    }

    /**
     * Creates the stream unless it exists, and checks its configuration.
     *
     * @throws BrokerConfigurationException if it is not what the settings say, or cannot be created
     */
    void ensure() {
        StreamInfo info = ask(READ, "INFO", new byte[0]);
        if (info.hasError() && info.getApiErrorCode() == STREAM_NOT_FOUND) {
            info = create();
        }
        refuseErrors(info);
        List<String> different = template.differences(info.getConfiguration());
        if (!different.isEmpty()) {
            throw new BrokerConfigurationException(
                    ("the existing stream is not what the settings say, and was not changed. Change"
                         + " the stream (nats stream edit) or the settings: %s stream=%s")
                            .formatted(String.join("; ", different), settings.stream()));
        }
        removesEarly = template.removesEarly(info.getConfiguration());
        remember(StreamFacts.of(info));
    }

    private void remember(StreamFacts facts) {
        epoch = facts.epoch();
        last = facts.last();
    }

    private StreamInfo create() {
        StreamConfiguration wanted = template.wanted();
        StreamInfo info =
                ask(
                        "create the stream",
                        "CREATE",
                        wanted.toJson().getBytes(StandardCharsets.UTF_8));
        if (info.hasError() && info.getApiErrorCode() == NAME_IN_USE) {
            return ask(READ, "INFO", new byte[0]);
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
     * {@return the stream's state according to its leader}
     *
     * @param subject the subject, possibly with wildcards, whose messages to count
     * @throws BrokerUnavailableException if there is no leader now
     */
    StreamFacts facts(String subject) {
        byte[] filter =
                "{\"subjects_filter\":\"%s\"}".formatted(subject).getBytes(StandardCharsets.UTF_8);
        return facts(filter);
    }

    /** {@return the same, without counts} */
    StreamFacts facts() {
        return facts(new byte[0]);
    }

    private StreamFacts facts(byte[] body) {
        StreamInfo info = ask(READ, "INFO", body);
        if (info.hasError() && info.getApiErrorCode() == STREAM_NOT_FOUND) {
            LOGGER.log(Level.WARNING, "the stream has been deleted name={0}", settings.stream());
            try {
                ensure();
            } catch (BrokerConfigurationException e) {
                throw new BrokerUnavailableException(
                        "the stream has been deleted, and cannot be created", e);
            }
            info = ask(READ, "INFO", body);
        }
        if (info.hasError()) {
            if (Refusals.needsOperator(info.getApiErrorCode())) {
                feed.disconnected("the NATS servers have no JetStream for this user");
            }
            throw requests.unavailable(READ, "the server says: " + info.getError());
        }
        StreamFacts facts = StreamFacts.of(info);
        observe(info.getConfiguration());
        remember(facts);
        return facts;
    }

    private void observe(StreamConfiguration configuration) {
        List<String> now = template.differences(configuration);
        if (!now.equals(differences)) {
            differences = now;
            if (now.isEmpty()) {
                LOGGER.log(
                        Level.INFO,
                        "the stream is again what the settings say stream={0}",
                        settings.stream());
                feed.recovered(CONFIGURATION);
            } else {
                LOGGER.log(
                        Level.ERROR,
                        "the stream was changed while this node uses it. Undo the change, or adapt"
                                + " the settings and restart the nodes: {0} stream={1}",
                        String.join("; ", now),
                        settings.stream());
                feed.degraded(
                        CONFIGURATION,
                        "the stream is not what the settings say: " + String.join("; ", now));
            }
        }
        removesEarly = template.removesEarly(configuration);
    }

    private StreamInfo ask(String attempt, String what, byte[] body) {
        Message reply = requests.ask(attempt, api(what), body);
        return new StreamInfo(reply);
    }

    private void refuseErrors(StreamInfo info) {
        if (!info.hasError()) {
            return;
        }
        int code = info.getApiErrorCode();
        BrokerException refusal =
                info.getErrorCode() == UNAVAILABLE && !Refusals.needsOperator(code)
                        ? requests.unavailable(
                                "create the stream", "the server says: " + info.getError())
                        : new BrokerConfigurationException(
                                "the servers refuse the stream: %s stream=%s replicas=%d"
                                        .formatted(
                                                info.getError(),
                                                settings.stream(),
                                                settings.replicas()));
        throw refusal;
    }
}
