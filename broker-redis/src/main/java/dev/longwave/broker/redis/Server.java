package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerUnavailableException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/** Runs scripts and commands on the server. Safe for many threads. */
final class Server {

    private final ConnectionPool pool;
    private final RedisSettings settings;

    Server(ConnectionPool pool, RedisSettings settings) {
        this.pool = pool;
        this.settings = settings;
    }

    /**
     * The outcome of one script.
     *
     * @param reply the reply, nothing if it failed
     * @param failure why it failed, or null
     */
    record Outcome(Reply reply, @Nullable BrokerUnavailableException failure) {}

    /** A script with its arguments. */
    record Call(Script script, List<byte[]> keys, List<byte[]> values) {}

    /**
     * Runs scripts in one pipeline, and returns their replies in the same order.
     *
     * @param attempt the purpose; error messages read "cannot" followed by it
     * @param repeatable whether it is harmless to run them twice
     * @throws BrokerUnavailableException if some were not answered, or one of them failed
     */
    List<Reply> run(String attempt, List<Call> calls, boolean repeatable) {
        return exchange(attempt, calls, repeatable).stream()
                .map(reply -> new Reply(checked(attempt, reply)))
                .toList();
    }

    /**
     * Runs scripts in one pipeline, and returns the outcome of each in the same order.
     *
     * @param attempt the purpose; error messages read "cannot" followed by it
     * @param repeatable whether it is harmless to run them twice
     * @throws BrokerUnavailableException if some were not answered
     */
    List<Outcome> runEach(String attempt, List<Call> calls, boolean repeatable) {
        return exchange(attempt, calls, repeatable).stream()
                .map(reply ->
                        reply instanceof JedisDataException e
                                ? new Outcome(
                                        new Reply(null), Failures.unavailable(attempt, settings, e))
                                : new Outcome(new Reply(reply), null))
                .toList();
    }

    private List<Object> exchange(String attempt, List<Call> calls, boolean repeatable) {
        List<Object> replies =
                pool.exchange(
                        attempt,
                        calls.stream().map(c -> c.script.byDigest(c.keys, c.values)).toList(),
                        repeatable);
        var unknown = new ArrayList<Integer>();
        for (int i = 0; i < replies.size(); i++) {
            if (Failures.isUnknownScript(replies.get(i))) {
                unknown.add(i);
            }
        }
        if (!unknown.isEmpty()) { // they did not run; sending the text also caches it
            List<Object> repeated =
                    pool.exchange(
                            attempt,
                            unknown.stream()
                                    .map(calls::get)
                                    .map(c -> c.script.byText(c.keys, c.values))
                                    .toList(),
                            repeatable);
            replies = new ArrayList<>(replies);
            for (int i = 0; i < unknown.size(); i++) {
                replies.set(unknown.get(i), repeated.get(i));
            }
        }
        return replies;
    }

    /** Runs one script, as {@link #run(String, List, boolean)} does. */
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

    /** Executes several commands in order, as one pipeline on one connection. */
    List<Reply> execute(String attempt, List<CommandArguments> commands, boolean repeatable) {
        return pool.exchange(attempt, commands, repeatable).stream()
                .map(reply -> new Reply(checked(attempt, reply)))
                .toList();
    }

    /**
     * Checks in one round trip that the server is a primary. A primary that refuses writes for
     * another reason, such as a full memory, passes.
     *
     * @param unused a key that never exists
     * @throws BrokerUnavailableException if it is a replica, or does not answer
     */
    void checkPrimary(byte[] unused) {
        String attempt = "check the server";
        var write = new CommandArguments(Command.PEXPIRE).add(unused).add(1); // changes nothing
        for (Object reply : pool.exchange(attempt, List.of(write), true)) {
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
