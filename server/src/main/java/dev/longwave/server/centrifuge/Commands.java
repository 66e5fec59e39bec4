package dev.longwave.server.centrifuge;

import dev.longwave.server.centrifuge.Subscriptions.Answer;

/** Does what the client of one connection asks for. For one thread at a time. */
final class Commands {

    private final Connection connection;
    private final Connecting connecting;
    private final Subscribing subscribing;
    private final PublishCommand publishing;
    private final Reading reading;

    Commands(Connection connection) {
        this.connection = connection;
        this.subscribing = new Subscribing(connection);
        this.connecting = new Connecting(connection, subscribing);
        this.publishing = new PublishCommand(connection);
        this.reading = new Reading(connection);
    }

    /**
     * Does it, and adds the reply to {@code answers}.
     *
     * @throws DisconnectException if the connection must end
     */
    void handle(Command command, Answers answers) {
        if (command.method().isEmpty() && command.id() == 0) {
            return; // the answer to a ping
        }
        boolean connects = command.method().equals("connect");
        if (connects == connection.connected() || command.method().isEmpty()) {
            throw Disconnect.BAD_REQUEST.exception();
        }
        if (command.method().equals("send")) {
            return; // there is nobody to send it to
        }
        if (command.id() <= 0) {
            throw Disconnect.BAD_REQUEST.exception();
        }
        try {
            answers.add(answer(command, answers));
        } catch (DisconnectException e) {
            throw e;
        } catch (RuntimeException e) {
            answers.add(ErrorCode.of(e).reply(command.id()));
        }
    }

    private Answer answer(Command command, Answers answers) {
        return switch (command.method()) {
            case "connect" -> connecting.connect(command);
            case "refresh" -> reply(connecting.refresh(command));
            case "subscribe" -> subscribing.subscribe(command);
            case "sub_refresh" -> reply(subscribing.refresh(command));
            case "unsubscribe" -> {
                answers.flush(); // it may be a subscription whose reply waits
                yield reply(subscribing.unsubscribe(command));
            }
            case "publish" -> reply(publishing.publish(command));
            case "history" -> reply(reading.history(command));
            case "presence" -> reply(reading.presence(command));
            case "presence_stats" -> reply(reading.presenceStats(command));
            case "rpc" -> throw ErrorCode.NOT_AVAILABLE.exception("there is nobody to call");
            default -> throw ErrorCode.METHOD_NOT_FOUND.exception();
        };
    }

    private static Answer reply(byte[] json) {
        return new Answer.Reply(new Subscriptions.Line(json));
    }
}
