package dev.longwave.server.publish;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.PublishResult;
import dev.longwave.core.Hub;
import dev.longwave.server.http.Json;
import dev.longwave.server.http.Problem;
import java.util.List;
import java.util.Optional;

/**
 * Publishes the events of a batch in their order: those for the log together, as far as no
 * ephemeral one is between them.
 */
final class Batch {
    /*
     * Once the outcome of one event is unknown, all that follow are left out, as Broker.publishAll does:
     * to go on might reorder events, and cost a timeout for each of them.
     */
    private final Hub hub;
    private final List<Outgoing> events;
    private final List<ObjectNode> results;
    private boolean allAccepted = true;
    private boolean unavailable;

    /**
     * @param results gets what became of each event, in the same order
     */
    Batch(Hub hub, List<Outgoing> events, List<ObjectNode> results) {
        this.hub = hub;
        this.events = events;
        this.results = results;
    }

    /** {@return whether all of them were accepted} */
    boolean publish() {
        int done = 0;
        while (done < events.size()) {
            int end = done;
            while (end < events.size() && !events.get(end).ephemeral()) {
                end++;
            }
            if (unavailable) {
                failed(
                        new BrokerUnavailableException(
                                "not published, as one before it has no answer"));
                done++;
            } else if (end > done) {
                publish(events.subList(done, end));
                done = end;
            } else {
                broadcast(events.get(done));
                done++;
            }
        }
        return allAccepted;
    }

    private void publish(List<Outgoing> run) {
        List<PublishResult> outcomes =
                hub.publishAll(run.stream().map(Outgoing::publication).toList());
        for (int i = 0; i < run.size(); i++) {
            String topic = run.get(i).topic();
            outcomes.get(i)
                    .published()
                    .ifPresent(published ->
                            results.add(EventPublisher.answer(topic, Optional.of(published))));
            outcomes.get(i).failure().ifPresent(this::failed);
        }
    }

    private void broadcast(Outgoing event) {
        try {
            hub.broadcast(event.topic(), event.message());
            results.add(EventPublisher.answer(event.topic(), Optional.empty()));
        } catch (BrokerException e) {
            failed(e);
        }
    }

    private void failed(BrokerException failure) {
        allAccepted = false;
        unavailable |= failure instanceof BrokerUnavailableException;
        results.add(Json.object().set("error", problem(failure).json()));
    }

    private static Problem problem(BrokerException failure) {
        return switch (failure) {
            case MessageRefusedException e -> Problem.refused(e);
            case BrokerRefusedException e -> Problem.brokerRefused(e);
            case BrokerUnavailableException e -> Problem.brokerUnavailable(e);
            default -> Problem.internal();
        };
    }
}
