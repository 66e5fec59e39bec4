package dev.longwave.broker.redis;

import dev.longwave.broker.testing.RedisServer;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The Pub/Sub connections as the server lists them. */
final class PubSubConnections {

    private static final Pattern PORT = Pattern.compile(" addr=\\S+:(\\d+) ");

    private PubSubConnections() {}

    /**
     * {@return the client port of a node's Pub/Sub connection, as the server sees it}
     *
     * @param node the node's name
     */
    static int port(RedisServer server, String node) {
        List<Integer> ports = ports(server, node);
        if (ports.size() != 1) {
            throw new IllegalStateException("not one Pub/Sub connection node=" + node + ports);
        }
        return ports.getFirst();
    }

    /** {@return the client ports of all the Pub/Sub connections of a node to this server} */
    static List<Integer> ports(RedisServer server, String node) {
        return server.cli("CLIENT", "LIST", "TYPE", "pubsub")
                .lines()
                .filter(line -> line.contains(" name=longwave-" + node + ' '))
                .map(PORT::matcher)
                .filter(Matcher::find)
                .map(port -> Integer.parseInt(port.group(1)))
                .toList();
    }
}
