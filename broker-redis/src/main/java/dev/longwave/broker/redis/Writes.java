package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerRefusedException.Reason;
import dev.longwave.broker.feed.WriteHealth;
import java.util.List;

/** Runs calls that write, and tells whether the servers accept them. Safe for many threads. */
final class Writes {

    private final Server server;
    private final WriteHealth health;

    Writes(Server server, WriteHealth health) {
        this.server = server;
        this.health = health;
    }

    /** {@return the deadline of what begins now} */
    long deadline() {
        return server.deadline();
    }

    /** Runs one call: {@link Server#run(String, Server.Call)}. */
    Reply run(String attempt, Server.Call call) {
        return runEach(attempt, List.of(call), deadline()).getFirst().orThrow();
    }

    /** Runs calls, unless one of them fails: {@link Server#run(String, List)}. */
    List<Reply> run(String attempt, List<Server.Call> calls) {
        return runEach(attempt, calls, deadline()).stream().map(Server.Outcome::orThrow).toList();
    }

    /** Runs calls: {@link Server#runEach}. */
    List<Server.Outcome> runEach(String attempt, List<Server.Call> calls, long deadline) {
        List<Server.Outcome> outcomes = server.runEach(attempt, calls, deadline);
        for (Server.Outcome outcome : outcomes) {
            if (outcome.failure() == null) {
                health.accepted();
            } else if (outcome.failure() instanceof BrokerRefusedException refusal
                    && refusal.reason() != Reason.OTHER) { // which concerns one key only
                health.refused(refusal);
            }
        }
        return outcomes;
    }
}
