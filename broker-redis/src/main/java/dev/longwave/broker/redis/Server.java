package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerUnavailableException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisAskDataException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisMovedDataException;

/** Runs scripts and commands on the primaries that have their keys. Safe for many threads. */
final class Server {
    /*
     * Calls go to the primaries of their buckets, one pipeline for each, all at the same time. Those
     * that certainly had no effect are tried again until the deadline: there was no connection, the
     * primary was replaced, a slot is moving, the server is loading. Whoever waits may thus outlast
     * a short outage. A call that was sent and has no answer is sent once more if that is harmless,
     * over a new connection, but not after a time-out, as the caller has waited long enough.
     */
    private static final long FIRST_PAUSE_MILLIS = 10;
    private static final int MAX_DOUBLINGS = 4; // 160 ms

    private final Primaries primaries;
    private final Topology topology;
    private final Watchdog watchdog;
    private final RedisSettings settings;
    private final ThreadFactory threads =
            Thread.ofVirtual().name("longwave-redis-shard-", 0).factory();

    Server(Primaries primaries, Topology topology, Watchdog watchdog, RedisSettings settings) {
        this.primaries = primaries;
        this.topology = topology;
        this.watchdog = watchdog;
        this.settings = settings;
    }

    /**
     * A command, or a script with its arguments.
     *
     * @param bucket the bucket of all its keys
     * @param command the command
     * @param text the command for a server that does not know the script; null if it is no script
     * @param repeatable whether it is harmless to run it twice
     */
    record Call(
            int bucket,
            CommandArguments command,
            @Nullable CommandArguments text,
            boolean repeatable) {

        /** {@return a call of a script that it is harmless to run twice} */
        static Call repeatable(int bucket, Script script, List<byte[]> keys, List<byte[]> values) {
            return of(bucket, script, keys, values, true);
        }

        static Call of(
                int bucket,
                Script script,
                List<byte[]> keys,
                List<byte[]> values,
                boolean repeatable) {
            return new Call(
                    bucket, script.byDigest(keys, values), script.byText(keys, values), repeatable);
        }

        static Call of(int bucket, CommandArguments command) {
            return new Call(bucket, command, null, false);
        }
    }

    /**
     * What became of one call.
     *
     * @param reply the reply, nothing if it failed
     * @param failure why it failed, or null
     */
    record Outcome(Reply reply, @Nullable BrokerException failure) {

        /** {@return the reply, or throws the failure} */
        Reply orThrow() {
            if (failure != null) {
                throw failure;
            }
            return reply;
        }
    }

    /** {@return the deadline of what begins now, on the clock of {@link System#nanoTime}} */
    long deadline() {
        return watchdog.deadline();
    }

    /**
     * Runs one call.
     *
     * @param attempt the purpose; error messages read "cannot" followed by it
     * @throws BrokerRefusedException if the server refused it
     * @throws BrokerUnavailableException if it was not answered
     */
    Reply run(String attempt, Call call) {
        return runEach(attempt, List.of(call), deadline()).getFirst().orThrow();
    }

    /** Runs calls, and returns their replies in the same order, unless one of them failed. */
    List<Reply> run(String attempt, List<Call> calls) {
        return runEach(attempt, calls, deadline()).stream().map(Outcome::orThrow).toList();
    }

    /** Runs calls, and returns what became of each in the same order. */
    List<Outcome> runEach(String attempt, List<Call> calls, long deadline) {
        List<Try> tries = calls.stream().map(Try::new).toList();
        List<Try> left = tries;
        for (int round = 0; !left.isEmpty(); round++) {
            exchange(attempt, left, deadline);
            boolean wait = false;
            boolean look = false;
            var again = new ArrayList<Try>();
            for (Try each : left) {
                switch (each.next(attempt)) {
                    case DONE -> {}
                    case AT_ONCE -> again.add(each);
                    case AFTER_A_LOOK -> {
                        again.add(each);
                        look = true;
                        wait = true;
                    }
                }
            }
            if (look) {
                topology.look();
            }
            if (wait && !pause(round, deadline)) {
                break;
            }
            left = again;
        }
        return tries.stream().map(Try::outcome).toList();
    }

    /**
     * Executes commands on one primary, in order, as one pipeline on one connection.
     *
     * @throws BrokerException if they are not answered, or one of them failed
     */
    List<Reply> ask(Shard shard, String attempt, List<CommandArguments> commands) {
        List<Object> replies = shard.pool().exchange(attempt, commands, deadline());
        for (Object reply : replies) {
            noteDemotion(shard, reply);
            if (reply instanceof JedisDataException e) {
                throw Failures.refused(attempt, settings, e);
            }
        }
        return replies.stream().map(Reply::new).toList();
    }

    /** Does something for each of the primaries, at the same time. */
    void forEach(Consumer<Shard> work) {
        together(primaries.all(), work);
    }

    /**
     * Checks in one round trip that the servers are primaries. One that refuses writes for another
     * reason, such as a full memory, passes.
     *
     * @param unused a key that never exists
     * @throws BrokerException if one is a replica, or does not answer
     */
    void checkPrimary(Shard shard, byte[] unused) {
        String attempt = "check the server";
        var write = new CommandArguments(Command.PEXPIRE).add(unused).add(1); // changes nothing
        for (Object reply : shard.pool().exchange(attempt, List.of(write), deadline())) {
            noteDemotion(shard, reply);
            if (reply instanceof JedisDataException e && Failures.isDemoted(e)) {
                throw Failures.refused(attempt, settings, e);
            }
        }
    }

    private void noteDemotion(Shard shard, Object reply) {
        if (Failures.isDemoted(reply)) {
            shard.pool().reset();
            topology.changed();
        }
    }

    private void exchange(String attempt, List<Try> tries, long deadline) {
        var byShard = new LinkedHashMap<Shard, List<Try>>();
        for (Try each : tries) {
            try {
                byShard.computeIfAbsent(each.shard(), _ -> new ArrayList<>()).add(each);
            } catch (BrokerRefusedException e) {
                each.refused(e);
            }
        }
        together(
                byShard.entrySet(),
                pipeline -> exchange(attempt, pipeline.getKey(), pipeline.getValue(), deadline));
    }

    private void exchange(String attempt, Shard shard, List<Try> tries, long deadline) {
        var commands = new ArrayList<CommandArguments>();
        tries.forEach(each -> each.addTo(commands));
        try {
            List<Object> replies = shard.pool().exchange(attempt, commands, deadline);
            int next = 0;
            for (Try each : tries) {
                next += each.commands();
                Object reply = replies.get(next - 1);
                noteDemotion(shard, reply);
                each.answered(reply);
            }
        } catch (BrokerUnavailableException e) {
            tries.forEach(each -> each.unavailable(e));
        } catch (BrokerRefusedException e) {
            tries.forEach(each -> each.refused(e));
        }
    }

    /** In the calling thread if there is only one; an interrupt ends the waits of all. */
    private <T> void together(Collection<T> all, Consumer<T> work) {
        if (all.size() <= 1) {
            all.forEach(work);
            return;
        }
        var failures = new ArrayList<RuntimeException>();
        try (ExecutorService executor = Executors.newThreadPerTaskExecutor(threads)) {
            for (T each : all) {
                executor.execute(() -> {
                    try {
                        work.accept(each);
                    } catch (RuntimeException e) {
                        synchronized (failures) {
                            failures.add(e);
                        }
                    }
                });
            }
        }
        synchronized (failures) {
            if (!failures.isEmpty()) {
                throw failures.getFirst();
            }
        }
    }

    /** {@return whether there is time for another round, after having waited for it} */
    private static boolean pause(int round, long deadline) {
        long millis = FIRST_PAUSE_MILLIS << Math.min(round, MAX_DOUBLINGS);
        if (deadline - System.nanoTime() <= TimeUnit.MILLISECONDS.toNanos(millis)) {
            return false;
        }
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
            return true;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private enum Next {
        DONE,
        AT_ONCE,
        AFTER_A_LOOK
    }

    /** A call on its way. Used by one thread at a time. */
    private final class Try {

        private final Call call;
        private boolean byText;
        private boolean repeated;
        private @Nullable HostAndPort asking; // where the slot of its keys is moving to
        private @Nullable Object reply;
        private @Nullable BrokerException failure;

        Try(Call call) {
            this.call = call;
        }

        Shard shard() {
            return asking == null ? primaries.of(call.bucket) : primaries.at(asking);
        }

        void addTo(List<CommandArguments> commands) {
            if (asking != null) {
                commands.add(new CommandArguments(Command.ASKING));
            }
            commands.add(byText && call.text != null ? call.text : call.command);
        }

        int commands() {
            return asking == null ? 1 : 2;
        }

        void answered(Object answer) {
            reply = answer;
            failure = null;
        }

        void refused(BrokerRefusedException e) {
            reply = null;
            failure = e;
        }

        void unavailable(BrokerUnavailableException e) {
            reply = null;
            failure = e;
        }

        Next next(String attempt) {
            asking = null;
            if (reply instanceof JedisDataException e) {
                failure = Failures.refused(attempt, settings, e);
                if (Failures.isUnknownScript(e) && !byText) { // it did not run
                    byText = true; // which also caches it
                    return Next.AT_ONCE;
                }
                if (e instanceof JedisAskDataException redirection) {
                    asking = redirection.getTargetNode();
                    return Next.AT_ONCE;
                }
                return e instanceof JedisMovedDataException || Failures.isPassing(e)
                        ? Next.AFTER_A_LOOK
                        : Next.DONE;
            }
            if (failure instanceof BrokerRefusedException refusal) {
                return refusal.reason() == BrokerRefusedException.Reason.BUSY
                        ? Next.AFTER_A_LOOK
                        : Next.DONE;
            }
            if (failure instanceof BrokerUnavailableException e) {
                if (e.isNotSent()) {
                    return Next.AFTER_A_LOOK;
                }
                boolean again =
                        call.repeatable
                                && !repeated
                                && e.getCause() instanceof JedisException cause
                                && !Failures.isTimeout(cause);
                repeated = true;
                return again ? Next.AFTER_A_LOOK : Next.DONE;
            }
            return Next.DONE;
        }

        Outcome outcome() {
            return failure == null
                    ? new Outcome(new Reply(reply), null)
                    : new Outcome(new Reply(null), failure);
        }
    }
}
