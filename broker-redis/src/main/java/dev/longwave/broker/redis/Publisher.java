package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Durability;
import dev.longwave.broker.EphemeralMessage;
import dev.longwave.broker.Message;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.Publication;
import dev.longwave.broker.PublishResult;
import dev.longwave.broker.Published;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;

/** Publishes messages, one or several at a time. Safe for many threads. */
final class Publisher {
    /*
     * Several messages are published in rounds. A round takes from the front of the list as many
     * messages as fit into it, and is one pipeline with one script for each topic, which adds the
     * topic's messages in their order. Scripts of one pipeline may fail independently, and the
     * messages of a topic must be accepted in the order of the list: a topic whose script failed is
     * left out of all further rounds. If the pipeline itself fails, so do all messages that follow.
     */
    private static final String ATTEMPT = "publish";
    private static final int MAX_MESSAGES = 256; // per round
    private static final int MAX_BYTES = 1 << 20;
    private static final byte[] NO = Keys.bytes("0");
    private static final byte[] YES = Keys.bytes("1");

    private final Server server;
    private final Keys keys;
    private final RedisSettings settings;
    private final Epochs epochs;

    Publisher(Server server, Keys keys, RedisSettings settings, Epochs epochs) {
        this.server = server;
        this.keys = keys;
        this.settings = settings;
        this.epochs = epochs;
    }

    /** Publishes one message, as {@link dev.longwave.broker.Broker#publish} does. */
    Published publish(String topic, Message message, Durability durability) {
        MessageRefusedException refusal = refusal(message);
        if (refusal != null) {
            throw refusal;
        }
        Reply reply = server.run(ATTEMPT, call(topic, List.of(message)), message.id() != null);
        return published(reply, 0, durability);
    }

    /** Sends an ephemeral message, as {@link dev.longwave.broker.Broker#broadcast} does. */
    void broadcast(String topic, Message message) {
        MessageRefusedException refusal = refusal(message);
        if (refusal != null) {
            throw refusal;
        }
        byte[] frame = EphemeralFrame.of(EphemeralMessage.of(message));
        var publish =
                new CommandArguments(Command.PUBLISH)
                        .add(Keys.bytes(keys.channel(topic)))
                        .add(frame);
        var _ = server.execute("broadcast", publish, false);
    }

    /** Publishes several messages, as {@link dev.longwave.broker.Broker#publishAll} does. */
    List<PublishResult> publishAll(List<Publication> publications, Durability durability) {
        var results = new @Nullable PublishResult[publications.size()];
        var failedTopics = new HashSet<String>();
        BrokerUnavailableException unavailable = null;
        int next = 0;
        while (next < results.length) {
            int end = unavailable == null ? endOfRound(publications, next) : results.length;
            var round = new LinkedHashMap<String, List<Integer>>();
            for (; next < end; next++) {
                String topic = publications.get(next).topic();
                MessageRefusedException refusal = refusal(publications.get(next).message());
                if (refusal != null) {
                    results[next] = PublishResult.failed(refusal);
                } else if (unavailable != null || failedTopics.contains(topic)) {
                    results[next] = leftOut(unavailable);
                } else {
                    round.computeIfAbsent(topic, _ -> new ArrayList<>()).add(next);
                }
            }
            if (!round.isEmpty()) {
                unavailable = publish(round, publications, durability, results, failedTopics);
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

    /** Publishes one round. Returns what the pipeline failed with, or null. */
    private @Nullable BrokerUnavailableException publish(
            Map<String, List<Integer>> round,
            List<Publication> publications,
            Durability durability,
            @Nullable PublishResult[] results,
            Set<String> failedTopics) {
        var calls = new ArrayList<Server.Call>();
        boolean repeatable = true;
        for (Map.Entry<String, List<Integer>> each : round.entrySet()) {
            List<Message> messages =
                    each.getValue().stream().map(i -> publications.get(i).message()).toList();
            calls.add(call(each.getKey(), messages));
            repeatable &= messages.stream().allMatch(message -> message.id() != null);
        }
        List<Server.Outcome> outcomes;
        try {
            outcomes = server.runEach(ATTEMPT, calls, repeatable);
        } catch (BrokerUnavailableException e) {
            round.values()
                    .forEach(indexes ->
                            indexes.forEach(index -> results[index] = PublishResult.failed(e)));
            return e;
        }
        int script = 0;
        for (Map.Entry<String, List<Integer>> each : round.entrySet()) {
            Server.Outcome outcome = outcomes.get(script++);
            BrokerUnavailableException failure = outcome.failure();
            if (failure != null) {
                failedTopics.add(each.getKey());
            }
            int message = 0;
            for (int index : each.getValue()) {
                results[index] =
                        failure != null
                                ? PublishResult.failed(failure)
                                : PublishResult.of(
                                        published(outcome.reply(), message++, durability));
            }
        }
        return null;
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
        for (Message message : messages) {
            String id = message.id();
            if (id != null) {
                names.add(keys.id(topic, id));
            }
            values.add(id == null ? NO : YES);
            values.add(Header.of(message));
            values.add(message.attributes().encode());
            values.add(message.data());
        }
        return new Server.Call(Script.PUBLISH, names, values);
    }

    private static Published published(Reply reply, int message, Durability durability) {
        long epoch = EntryIds.epoch(reply.at(0).text());
        var position = EntryIds.position(epoch, reply.at(1 + 2 * message).text());
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

    private static PublishResult leftOut(@Nullable BrokerUnavailableException cause) {
        return PublishResult.failed(
                new BrokerUnavailableException(
                        "not published, because an earlier message has no answer", cause));
    }

    private static byte[] number(long number) {
        return Keys.bytes(Long.toString(number));
    }
}
