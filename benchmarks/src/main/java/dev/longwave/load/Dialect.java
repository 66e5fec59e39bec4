package dev.longwave.load;

import java.io.IOException;

/**
 * What is said in the messages of a WebSocket: as little of it as subscribing and publishing take.
 */
enum Dialect {
    /** The URL names the topic, and a message is the data of an event. */
    BARE("", "", "", "", "", false) {
        @Override
        String path(Target target, String topic) {
            return target.socketPath(topic);
        }

        @Override
        boolean opens(String message) {
            return true;
        }
    },

    /**
     * Centrifuge's JSON protocol: several commands, and several answers, may share a message, one a
     * line.
     */
    CENTRIFUGE(
            "{\"id\":1,\"connect\":{}}\n{\"id\":2,\"subscribe\":{\"channel\":\"%s\"}}",
            "data\":\"",
            "{\"id\":3,\"publish\":{\"channel\":\"%s\",\"data\":\"",
            "\"}}",
            "{}",
            true) {
        @Override
        String path(Target target, String topic) {
            return "/connection/websocket";
        }

        @Override
        boolean opens(String message) throws IOException {
            if (refuses(message)) {
                throw new IOException(message);
            }
            return message.contains("\"subscribe\":");
        }

        @Override
        String pong() {
            return "{}";
        }

        @Override
        boolean accepts(String message) {
            return message.contains("\"publish\":");
        }

        @Override
        boolean refuses(String message) {
            return message.contains("\"error\":");
        }
    },

    /**
     * Socket.IO, protocol 5, on Engine.IO, protocol 4: a digit for the type of packet before each.
     * The server in {@code benchmarks/peers} takes the topic from the URL.
     */
    SOCKET_IO("40", "[\"event\",\"", "42[\"publish\",\"", "\"]", "2", false) {
        @Override
        String path(Target target, String topic) {
            return "/socket.io/?EIO=4&transport=websocket&topic=" + topic;
        }

        @Override
        boolean opens(String message) throws IOException {
            if (message.startsWith("44") || message.startsWith("41")) {
                throw new IOException(message);
            }
            return message.startsWith("40");
        }

        @Override
        String pong() {
            return "3";
        }
    };

    private final String greeting;
    private final String marker;
    private final String publishBegins;
    private final String publishEnds;
    private final String ping;
    private final boolean lines;

    Dialect(
            String greeting,
            String marker,
            String publishBegins,
            String publishEnds,
            String ping,
            boolean lines) {
        this.greeting = greeting;
        this.marker = marker;
        this.publishBegins = publishBegins;
        this.publishEnds = publishEnds;
        this.ping = ping;
        this.lines = lines;
    }

    static Dialect of(Target target, Transport transport) {
        if (transport == Transport.CENTRIFUGE) {
            return CENTRIFUGE;
        }
        return target == Target.SOCKETIO ? SOCKET_IO : BARE;
    }

    /** {@return the path of the URL to connect to} */
    abstract String path(Target target, String topic);

    /** {@return the first message to the server, empty for none} */
    String greeting(String topic) {
        return greeting.replace("%s", topic);
    }

    /**
     * {@return whether events come after {@code message}} With an empty message: before any.
     *
     * @throws IOException if the server refuses
     */
    abstract boolean opens(String message) throws IOException;

    /** {@return what stands before the data of an event that the server sends} */
    byte[] marker() {
        return Requests.bytes(marker);
    }

    /** {@return whether several messages may come as one, one a line} */
    boolean hasLines() {
        return lines;
    }

    /** {@return whether it is a ping, as far as there are any besides those of WebSocket} */
    boolean isPing(String message) {
        return !ping.isEmpty() && message.equals(ping);
    }

    /** {@return the answer to a ping} */
    String pong() {
        throw new IllegalStateException("there are no pings");
    }

    /** {@return what stands before the data of an event that the client sends} */
    byte[] publishBegins(String topic) {
        return Requests.bytes(publishBegins.replace("%s", topic));
    }

    /** {@return what stands after it} */
    byte[] publishEnds() {
        return Requests.bytes(publishEnds);
    }

    /** {@return whether {@code message} says that an event was published} */
    boolean accepts(String message) {
        return false;
    }

    /** {@return whether {@code message} says that it was not} */
    boolean refuses(String message) {
        return false;
    }
}
