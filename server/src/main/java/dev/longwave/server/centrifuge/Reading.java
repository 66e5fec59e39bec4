package dev.longwave.server.centrifuge;

import dev.longwave.broker.Coverage;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Start;
import dev.longwave.core.TopicName;
import dev.longwave.server.auth.Identity;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads history and presence for clients. */
final class Reading {

    private static final int MAX_BYTES = 1 << 20;
    private static final int MAX_MEMBERS = 16;

    private final Connection connection;

    Reading(Connection connection) {
        this.connection = connection;
    }

    /** The topic that the command names, if the client may read it. */
    private String topic(Command command) {
        String topic = TopicName.checkedOrPattern(command.text("channel"));
        Identity client = connection.client();
        Subscribed subscribed = connection.subscriptions.get(topic);
        if (subscribed != null) {
            subscribed.check(client);
        } else {
            client.checkSubscribe(List.of(topic));
        }
        return topic;
    }

    byte[] history(Command command) {
        String topic = topic(command);
        boolean reverse = command.flag("reverse");
        int limit = limit(command.number("limit"));
        Optional<Start> since = since(command.object("since", MAX_MEMBERS));
        if (reverse && since.isPresent()) {
            throw ErrorCode.NOT_AVAILABLE.exception("reverse is from the newest event only");
        }
        Page page =
                limit == 0
                        ? page(topic, Start.last(1), 1)
                        : page(topic, since.orElse(start(reverse, limit)), limit);
        if (since.isPresent() && limit > 0 && page.coverage() != Coverage.COMPLETE) {
            throw ErrorCode.UNRECOVERABLE_POSITION.exception();
        }
        Position top = page.more() ? page(topic, Start.last(1), 1).end() : page.end();
        List<Entry> entries = limit == 0 ? List.of() : page.entries();
        JsonBytes json = command.reply(256).raw("{\"publications\":");
        Publications.add(json, reverse ? entries.reversed() : entries);
        json.raw(",\"epoch\":").string(StreamOffset.epoch(top));
        StreamOffset.of(top).ifPresent(offset -> json.raw(",\"offset\":").number(offset));
        return json.raw("}}").toArray();
    }

    private static Start start(boolean reverse, int limit) {
        return reverse ? Start.last(limit) : Start.earliest();
    }

    /** Below zero, the client wants all that it can have at once. */
    private int limit(long wanted) {
        int max = connection.services.publish().maxHistoryEvents();
        return wanted < 0 ? max : (int) Math.min(wanted, max);
    }

    private static Optional<Start> since(Map<String, JsonSlice> position) {
        if (position.isEmpty()) {
            return Optional.empty();
        }
        JsonSlice epoch = position.get("epoch");
        JsonSlice offset = position.get("offset");
        return Optional.of(
                StreamOffset.position(
                                epoch == null ? "" : epoch.text(),
                                offset == null ? 0 : offset.number())
                        .map(Start::after)
                        .orElseThrow(ErrorCode.UNRECOVERABLE_POSITION::exception));
    }

    private Page page(String topic, Start start, int limit) {
        return connection.services.hub().history(topic, start, null, limit, MAX_BYTES);
    }

    byte[] presence(Command command) {
        String topic = topic(command);
        List<Members.Member> members =
                connection.services.members().list(connection.client(), topic);
        JsonBytes json = command.reply(members.size() * 100).raw("{\"presence\":{");
        for (int i = 0; i < members.size(); i++) {
            Members.Member member = members.get(i);
            json.raw(i == 0 ? "" : ",").string(member.connection()).raw(":");
            member.addTo(json);
        }
        return json.raw("}}}").toArray();
    }

    byte[] presenceStats(Command command) {
        String topic = topic(command);
        Members.Counts counts = connection.services.members().counts(connection.client(), topic);
        return command.reply(64)
                .raw("{\"num_clients\":")
                .number(counts.connections())
                .raw(",\"num_users\":")
                .number(counts.users())
                .raw("}}")
                .toArray();
    }
}
