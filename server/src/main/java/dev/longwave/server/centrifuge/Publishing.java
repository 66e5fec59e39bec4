package dev.longwave.server.centrifuge;

import dev.longwave.broker.Attributes;
import dev.longwave.broker.Message;
import dev.longwave.core.TopicName;
import dev.longwave.server.auth.Identity;

/** Publishes what clients send. */
final class Publishing {

    private static final String JSON = "application/json";

    private final Connection connection;

    Publishing(Connection connection) {
        this.connection = connection;
    }

    /** The event's data is the JSON text that the client has sent, byte for byte. */
    byte[] publish(Command command) {
        Services services = connection.services;
        Identity client = connection.client();
        String topic = TopicName.checked(command.text("channel"));
        client.checkPublish(topic);
        JsonSlice data = command.parameters().get("data");
        if (data == null || command.number("type") != 0) {
            throw ErrorCode.BAD_REQUEST.exception("data is missing");
        }
        int max = services.publish().maxDataBytes();
        if (data.length() > max) {
            throw ErrorCode.LIMIT_EXCEEDED.exception("data too large maxBytes=" + max);
        }
        client.countPublish(data.length());
        Message message =
                Message.builder(data.bytes()).attribute(Attributes.CONTENT_TYPE, JSON).build();
        Message accepted = services.hook().check(client, topic, message);
        services.check().accept(topic, accepted);
        var _ = services.hub().publish(topic, accepted);
        return command.done();
    }
}
