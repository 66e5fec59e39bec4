package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Durability;
import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.Message;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.Position;
import dev.longwave.broker.Publication;
import dev.longwave.broker.PublishResult;
import dev.longwave.broker.Published;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;

/** Publishes messages, one or several at a time. Safe for many threads. */
final class Publisher {
    /*
     * Several messages are published in rounds. A round takes from the front of the list as many
     * messages as fit into it, and is one pipeline for each primary with one script for each topic,
     * which adds the topic's messages in their order. Scripts may fail independently, and the
     * messages of a topic must be accepted in the order of the list: a topic whose script failed is
     * left out of all further rounds. All rounds together have one deadline.
     */
    private static final String ATTEMPT = "publish";
    private static final int MAX_MESSAGES = 256; // per round
    private static final int MAX_BYTES = 1 << 20;
    private static final byte[] NO = Keys.bytes("0");
    private static final byte[] YES = Keys.bytes("1");

    private final Writes writes;
    private final Keys keys;
    private final RedisSettings settings;
    private final Epochs epochs;
    private final SeenEntries seen;
    private final Command publish;

    /**
     * A publisher.
     *
     * @param publish PUBLISH or SPUBLISH
     */
    Publisher(
            Writes writes,
            Keys keys,
            RedisSettings settings,
            Epochs epochs,
            SeenEntries seen,
            Command publish) {
        this.writes = writes;
        this.keys = keys;
        this.settings = settings;
        this.epochs = epochs;
        this.seen = seen;
        this.publish = publish;
    }

    /** Publishes one message, as {@link dev.longwave.broker.Broker#publish} does. */
    Published publish(String topic, Message message, Durability durability) {
        MessageRefusedException refusal = refusal(message);
        if (refusal != null) {
            throw refusal;
        }
        Reply reply = writes.run(ATTEMPT, call(topic, List.of(message)));
        return published(topic, reply, 0, durability);
    }

    /** Sends an ephemeral message, as {@link dev.longwave.broker.Broker#broadcast} does. */
    void broadcast(String topic, Message message) {
        MessageRefusedException refusal = refusal(message);
        if (refusal != null) {
            throw refusal;
        }
        byte[] frame = EphemeralFrame.of(EphemeralMessage.of(message));
        var command = new CommandArguments(publish).add(Keys.bytes(keys.channel(topic))).add(frame);
        var _ = writes.run("broadcast", Server.Call.of(Keys.bucket(topic), command));
    }

    /** Publishes several messages, as {@link dev.longwave.broker.Broker#publishAll} does. */
    List<PublishResult> publishAll(List<Publication> publications, Durability durability) {
        long deadline = writes.deadline();
        var results = new @Nullable PublishResult[publications.size()];
        var failures = new HashMap<String, BrokerException>(); // by topic
        int next = 0;
        while (next < results.length) {
            int end = endOfRound(publications, next);
            var round = new LinkedHashMap<String, List<Integer>>();
            for (; next < end; next++) {
                String topic = publications.get(next).topic();
                MessageRefusedException refusal = refusal(publications.get(next).message());
                BrokerException failure = failures.get(topic);
                if (refusal != null) {
                    results[next] = PublishResult.failed(refusal);
                } else if (failure != null) {
                    results[next] = leftOut(failure);
                } else {
                    round.computeIfAbsent(topic, _ -> new ArrayList<>()).add(next);
                }
            }
            if (!round.isEmpty()) {
                publish(round, publications, durability, deadline, results, failures);
            }
        }
        return Arrays.stream(results).map(Objects::requireNonNull).toList();
    }

    private int endOfRound(List<Publication> publications, int begin) {
        long bytes = 0;
        int end = begin;
        while (end < publications.size() && end - begin < MAX_MESSAGES) {
            bytes += publications.get(end).message().size();
            if (bytes > MAX_BYTES && end > begin) {
                break;
            }
            end++;
        }
        return end;
    }

    /** Publishes one round. */
    private void publish(
            Map<String, List<Integer>> round,
            List<Publication> publications,
            Durability durability,
            long deadline,
            @Nullable PublishResult[] results,
            Map<String, BrokerException> failures) {
        var calls = new ArrayList<Server.Call>();
        round.forEach((topic, indexes) ->
                calls.add(
                        call(
                                topic,
                                indexes.stream()
                                        .map(i -> publications.get(i).message())
                                        .toList())));
        List<Server.Outcome> outcomes = writes.runEach(ATTEMPT, calls, deadline);
        int script = 0;
        for (Map.Entry<String, List<Integer>> each : round.entrySet()) {
            String topic = each.getKey();
            Server.Outcome outcome = outcomes.get(script++);
            BrokerException failure = outcome.failure();
            if (failure != null) {
                failures.put(topic, failure);
            }
            int message = 0;
            for (int index : each.getValue()) {
                results[index] =
                        failure != null
                                ? PublishResult.failed(failure)
                                : PublishResult.of(
                                        published(topic, outcome.reply(), message++, durability));
            }
        }
    }

    private Server.Call call(String topic, List<Message> messages) {
        var names = new ArrayList<byte[]>();
        names.add(keys.epoch(Keys.bucket(topic)));
        names.add(keys.log(topic));
        names.add(keys.last(topic));
        var values = new ArrayList<byte[]>();
        values.add(epochs.next());
        values.add(Keys.bytes(keys.channel(topic)));
        values.add(number(settings.retentionCount()));
        values.add(number(settings.retentionAge().toMillis()));
        values.add(number(settings.tailRetention().toMillis()));
        values.add(number(settings.dedupWindow().toMillis()));
        values.add(publish.getRaw());
        seen.addTo(values, topic);
        boolean repeatable = true;
        for (Message message : messages) {
            String id = message.id();
            repeatable &= id != null;
            if (id != null) {
                names.add(keys.id(topic, id));
            }
            values.add(id == null ? NO : YES);
            values.add(Header.of(message));
            values.add(message.attributes().encode());
            values.add(message.data());
        }
        return Server.Call.of(Keys.bucket(topic), Script.PUBLISH, names, values, repeatable);
    }

    private Published published(String topic, Reply reply, int message, Durability durability) {
        long epoch = EntryIds.epoch(reply.at(0).text());
        Position position = EntryIds.position(epoch, reply.at(1 + 2 * message).text());
        seen.add(topic, position);
        return reply.at(2 + 2 * message).number() == 1
                ? Published.duplicate(position, durability)
                : Published.of(position, durability);
    }

    private @Nullable MessageRefusedException refusal(Message message) {
        return message.data().length <= settings.maxMessageBytes()
                ? null
                : new MessageRefusedException(
                        "message is too large length=%d max=%d"
                                .formatted(message.data().length, settings.maxMessageBytes()));
    }

    private static PublishResult leftOut(BrokerException cause) {
        return PublishResult.failed(
                BrokerUnavailableException.notSent(
                        "not published, because an earlier message of the topic was not", cause));
    }

    private static byte[] number(long number) {
        return Keys.bytes(Long.toString(number));
    }
}
