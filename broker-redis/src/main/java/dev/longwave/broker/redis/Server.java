package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerUnavailableException;
import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/** The server as something that runs scripts and commands. Safe for many threads. */
final class Server {

    private final Links links;
    private final RedisSettings settings;

    Server(Links links, RedisSettings settings) {
        this.links = links;
        this.settings = settings;
    }

    /** A script with what it is given. */
    record Call(Script script, List<byte[]> keys, List<byte[]> values) {}

    /**
     * Runs scripts, and returns the answers in their order.
     *
     * @param attempt what it is for, after "cannot", in the message if it fails
     * @param repeatable whether it does no harm if they run twice
     * @throws BrokerUnavailableException if they were not all answered, or one of them failed
     */
    List<Reply> run(String attempt, List<Call> calls, boolean repeatable) {
        List<Object> replies =
                links.exchange(
                        attempt,
                        calls.stream().map(c -> c.script.byDigest(c.keys, c.values)).toList(),
                        repeatable);
        var unknown = new ArrayList<Integer>();
        for (int i = 0; i < replies.size(); i++) {
            if (Failures.isUnknownScript(replies.get(i))) {
                unknown.add(i);
            }
        }
        if (!unknown.isEmpty()) { // so it did not run; after the first time the server knows it
            List<Object> again =
                    links.exchange(
                            attempt,
                            unknown.stream()
                                    .map(calls::get)
                                    .map(c -> c.script.byText(c.keys, c.values))
                                    .toList(),
                            repeatable);
            replies = new ArrayList<>(replies);
            for (int i = 0; i < unknown.size(); i++) {
                replies.set(unknown.get(i), again.get(i));
            }
        }
        return replies.stream().map(reply -> new Reply(checked(attempt, reply))).toList();
    }

    /** As the other, for one. */
    Reply run(String attempt, Call call, boolean repeatable) {
        return run(attempt, List.of(call), repeatable).getFirst();
    }

    /**
     * Executes one command.
     *
     * @throws BrokerUnavailableException if it was not answered, or failed
     */
    Reply execute(String attempt, CommandArguments command, boolean repeatable) {
        return execute(attempt, List.of(command), repeatable).getFirst();
    }

    /** As the other, for several, one after the other on one connection. */
    List<Reply> execute(String attempt, List<CommandArguments> commands, boolean repeatable) {
        return links.exchange(attempt, commands, repeatable).stream()
                .map(reply -> new Reply(checked(attempt, reply)))
                .toList();
    }

    /**
     * Makes sure that the server takes writes, as a primary does, in one round trip. It may refuse
     * for other reasons, as a full one does.
     *
     * @param unused a key that is never there
     * @throws BrokerUnavailableException if it is a replica, or does not answer
     */
    void checkPrimary(byte[] unused) {
        String attempt = "check the server";
        var write = new CommandArguments(Command.PEXPIRE).add(unused).add(1); // changes nothing
        for (Object reply : links.exchange(attempt, List.of(write), true)) {
            if (Failures.isDemoted(reply)) {
                checked(attempt, reply);
            }
        }
    }

    private Object checked(String attempt, Object reply) {
        if (reply instanceof JedisDataException e) {
            throw Failures.unavailable(attempt, settings, e);
        }
        return reply;
    }
}
