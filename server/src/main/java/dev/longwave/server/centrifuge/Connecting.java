package dev.longwave.server.centrifuge;

import dev.longwave.server.auth.Identity;
import dev.longwave.server.centrifuge.Subscriptions.Answer;
import dev.longwave.server.centrifuge.Subscriptions.Line;
import dev.longwave.server.presence.Member;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Connects clients, and lets them renew their tokens. */
final class Connecting {

    private static final String VERSION = "longwave";
    private static final int MAX_MEMBERS = 16;

    private final Connection connection;
    private final Subscribing subscribing;

    Connecting(Connection connection, Subscribing subscribing) {
        this.connection = connection;
        this.subscribing = subscribing;
    }

    Answer connect(Command command) {
        String token = command.text("token");
        if (!token.isEmpty()) {
            connection.identify(connection.identified(token));
        }
        Identity client = connection.client();
        describe(command, client);
        var begun = new ArrayList<Answer.Begun>();
        try {
            JsonBytes json = command.reply(256);
            json.raw("{\"client\":").string(connection.id);
            json.raw(",\"version\":").string(VERSION).raw(",");
            if (!token.isEmpty()) {
                addLifetime(json, client); // it cannot renew anything else
            }
            addSubscriptions(json, command, client, begun);
            addPing(json);
            json.raw(",\"session\":").string(connection.session);
            json.raw(",\"node\":").string(connection.services.node());
            connection.connect();
            return new Answer.Opened(new Line(json.raw("}}").toArray()), begun);
        } catch (RuntimeException e) {
            begun.forEach(one -> {
                one.opening().close();
                connection.subscriptions.giveUp(one.subscribed());
            });
            throw e;
        }
    }

    /** Whom nobody vouches for may say of itself what it likes. */
    private void describe(Command command, Identity client) {
        JsonSlice data = command.parameters().get("data");
        if (data == null || client.isAuthenticated()) {
            return;
        }
        if (data.length() > Member.MAX_INFO_BYTES) {
            throw ErrorCode.LIMIT_EXCEEDED.exception(
                    "data too large maxBytes=" + Member.MAX_INFO_BYTES);
        }
        connection.describe(new String(data.bytes(), StandardCharsets.UTF_8));
    }

    /** A heartbeat comes at least this often, so the client can rely on it. */
    private void addPing(JsonBytes json) {
        long seconds = Math.max(1, (connection.services.heartbeat().toMillis() + 999) / 1000);
        json.raw("\"ping\":").number(seconds);
        if (connection.transport.wantsPongs()) {
            json.raw(",\"pong\":true");
        }
    }

    private void addLifetime(JsonBytes json, Identity client) {
        Instant expires = client.credential().expires();
        Lifetime.add(json, connection.services.clock().instant(), expires);
    }

    private void addSubscriptions(
            JsonBytes json, Command command, Identity client, List<Answer.Begun> begun) {
        if (client.channels().isEmpty()) {
            return;
        }
        Map<String, JsonSlice> known =
                command.object("subs", connection.services.settings().maxChannels());
        char separator = '{';
        json.raw("\"subs\":");
        for (String channel : client.channels()) {
            json.raw(String.valueOf(separator)).string(channel).raw(":");
            JsonSlice position = known.get(channel);
            Subscribing.Recovery recovery =
                    position == null
                            ? Subscribing.Recovery.NONE
                            : Subscribing.Recovery.of(position.members(MAX_MEMBERS));
            begun.add(subscribing.begin(channel, recovery, client.channels().size(), json));
            separator = ',';
        }
        json.raw("},");
    }

    byte[] refresh(Command command) {
        String token = command.text("token");
        if (token.isEmpty()) {
            throw Disconnect.INVALID_TOKEN.exception();
        }
        Identity newer = connection.identified(token);
        Identity present = connection.client();
        if (!Objects.equals(newer.credential().subject(), present.credential().subject())) {
            throw Disconnect.INVALID_TOKEN.exception();
        }
        connection.identify(newer);
        connection.subscriptions.endThoseWithoutRight(newer, connection.services.clock().instant());
        JsonBytes json = command.reply(128);
        json.raw("{\"client\":").string(connection.id);
        json.raw(",\"version\":").string(VERSION).raw(",");
        addLifetime(json, newer);
        return json.raw("\"node\":").string(connection.services.node()).raw("}}").toArray();
    }
}
