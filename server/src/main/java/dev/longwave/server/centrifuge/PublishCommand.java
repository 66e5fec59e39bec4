package dev.longwave.server.centrifuge;

import dev.longwave.core.TopicName;
import dev.longwave.server.auth.Identity;
import dev.longwave.server.publish.EventPublisher;

/** Publishes what clients send. */
final class PublishCommand {

    private static final String JSON = "application/json";

    private final Connection connection;

    PublishCommand(Connection connection) {
        this.connection = connection;
    }

    /** The event's data is the JSON text that the client has sent, byte for byte. */
    byte[] publish(Command command) {
        Services services = connection.services;
        Identity client = connection.client();
        String topic = TopicName.checked(command.text("channel"));
        JsonSlice data = command.parameters().get("data");
        if (data == null || command.number("type") != 0) {
            throw ErrorCode.BAD_REQUEST.exception("data is missing");
        }
        int max = services.publish().maxDataBytes();
        if (data.length() > max) {
            throw ErrorCode.LIMIT_EXCEEDED.exception("data too large maxBytes=" + max);
        }
        EventPublisher publisher = services.publisher();
        var _ = publisher.publish(client, publisher.of(topic, data.bytes(), JSON));
        return command.done();
    }
}
