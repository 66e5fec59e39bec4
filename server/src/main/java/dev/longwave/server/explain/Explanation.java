package dev.longwave.server.explain;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.Entry;
import dev.longwave.broker.Position;
import dev.longwave.core.EventId;
import dev.longwave.core.Mark;
import dev.longwave.core.Progress;
import dev.longwave.server.auth.RefusedRead;
import dev.longwave.server.http.Json;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer of one node, as a document: docs/operations.md says what its members mean.
 *
 * @param node what the IDs of the node's streams begin with
 * @param now when the streams were looked at
 * @param since since when the recorder has forgotten nothing
 */
record Explanation(String node, Instant now, Instant since, PublishedEvent event, Client client) {

    private static final int MAX_REFUSALS = 20;
    private static final int MAX_TOPICS = 20;

    /**
     * The document.
     *
     * @param streams those of the client that the node knows
     * @param refusals what it was refused of the topic, latest first
     */
    ObjectNode json(Judge judge, Ranking streams, List<RefusedRead> refusals) {
        List<Ranking.Judged> judged = streams.best();
        Verdict verdict = verdict(judged, refusals);
        ObjectNode json =
                Json.object()
                        .put("node", node)
                        .put("otherNodesAsked", false)
                        .put("time", Times.text(now))
                        .put("recordedSince", Times.text(since))
                        .put("topic", event.topic());
        json.set("event", eventJson());
        json.put("outcome", verdict.outcome().word()).put("detail", verdict.detail());
        ArrayNode array = json.putArray("streams");
        judged.forEach(each -> array.add(json(judge, each)));
        json.put("more", streams.more());
        ArrayNode refused = json.putArray("refusals");
        refusals.stream().limit(MAX_REFUSALS).forEach(each -> refused.add(json(each)));
        return json;
    }

    /** What the best of the streams says; they are in this order. */
    private Verdict verdict(List<Ranking.Judged> judged, List<RefusedRead> refusals) {
        if (event.state() == PublishedEvent.State.UNKNOWN) {
            return Verdict.of(Outcome.EVENT_UNKNOWN, event.detail());
        }
        boolean subscribed =
                !judged.isEmpty()
                        && judged.getFirst().verdict().outcome() != Outcome.NOT_SUBSCRIBED;
        if (subscribed || (!judged.isEmpty() && refusals.isEmpty())) {
            return judged.getFirst().verdict();
        }
        if (!refusals.isEmpty()) {
            RefusedRead latest = refusals.getFirst();
            return Verdict.of(
                    Outcome.FORBIDDEN,
                    "the client was refused the topic, at %s, with the problem %s"
                            .formatted(Times.text(latest.at()), latest.rule()));
        }
        return Verdict.of(Outcome.CLIENT_UNKNOWN, unknownClient());
    }

    private String unknownClient() {
        String connection = client.connection();
        return connection != null && !connection.startsWith(node + '-')
                ? "the stream is not of this node, or of a time before it was started; ask the"
                        + " others"
                : "this node knows no stream of the client since %s; ask the others"
                        .formatted(Times.text(since));
    }

    private ObjectNode eventJson() {
        ObjectNode json =
                Json.object()
                        .put("id", EventId.of(event.topic(), event.position()))
                        .put("state", event.state().word())
                        .put("detail", event.detail());
        Entry entry = event.entry();
        if (entry != null) {
            json.put("time", Times.text(entry.time())).put("topic", event.ownTopic());
            putIfPresent(json, "type", entry.message().type());
            putIfPresent(json, "key", entry.message().key());
            putIfPresent(json, "messageId", entry.message().id());
        }
        return json;
    }

    private ObjectNode json(Judge judge, Ranking.Judged judged) {
        RecordedStream stream = judged.stream();
        Verdict verdict = judged.verdict();
        ObjectNode json =
                Json.object()
                        .put("connection", stream.connection())
                        .put("transport", stream.transport());
        putIfPresent(json, "subject", stream.subject());
        json.put("opened", Times.text(stream.opened()));
        RecordedStream.End end = stream.ended();
        if (end != null) {
            json.put("ended", Times.text(end.at())).put("reason", end.reason().word());
        }
        if (event.state() != PublishedEvent.State.UNKNOWN) {
            json.put("outcome", verdict.outcome().word()).put("detail", verdict.detail());
            Verdict.Span between = verdict.between();
            if (between != null) {
                json.put("notBefore", Times.text(between.from()))
                        .put("notAfter", Times.text(between.to()));
            }
            if (verdict.outcome() == Outcome.DELIVERED) {
                json.put("replayed", verdict.replayed());
            }
        }
        addTopics(json, judge, stream);
        addMarks(json, judge, stream);
        return json;
    }

    private static void addTopics(ObjectNode json, Judge judge, RecordedStream stream) {
        List<Progress> all = stream.report().topics();
        List<Progress> meant =
                all.stream().filter(progress -> judge.isMeant(progress.topic())).toList();
        ArrayNode topics = json.putArray("topics");
        meant.forEach(progress -> topics.add(json(progress)));
        if (meant.isEmpty()) {
            ArrayNode others = json.putArray("otherTopics");
            all.stream().limit(MAX_TOPICS).forEach(progress -> others.add(progress.topic()));
        }
    }

    private static ObjectNode json(Progress progress) {
        ObjectNode json =
                Json.object()
                        .put("topic", progress.topic())
                        .put("since", Times.text(progress.since()));
        String topic = progress.topic();
        putIfPresent(json, "from", id(topic, progress.from()));
        putIfPresent(json, "cursor", id(topic, progress.cursor()));
        putIfPresent(json, "latest", id(topic, progress.latest()));
        return progress.waiting() < 0
                ? json.put("replaying", true)
                : json.put("waiting", progress.waiting());
    }

    private static void addMarks(ObjectNode json, Judge judge, RecordedStream stream) {
        ArrayNode marks = json.putArray("marks");
        stream.report().marks().stream()
                .filter(mark -> judge.isMeant(mark.topic()))
                .forEach(mark -> marks.add(json(mark)));
        Instant forgotten = stream.report().forgottenUntil();
        if (forgotten != null) {
            json.put("forgottenUntil", Times.text(forgotten));
        }
    }

    private static ObjectNode json(Mark mark) {
        String topic = mark.topic();
        ObjectNode json = Json.object().put("time", Times.text(mark.at()));
        switch (mark) {
            case Mark.Missed missed -> {
                json.put("mark", "gap").put("reason", missed.gap().reason().word());
                putIfPresent(json, "after", id(topic, missed.gap().after()));
                putIfPresent(json, "before", id(topic, missed.gap().before()));
            }
            case Mark.Lapped lapped -> {
                json.put("mark", "lapped");
                putIfPresent(json, "after", id(topic, lapped.after()));
            }
            case Mark.CaughtUp caughtUp -> {
                json.put("mark", "caught-up");
                putIfPresent(json, "upTo", id(topic, caughtUp.upTo()));
            }
            case Mark.Left left -> {
                json.put("mark", "left");
                putIfPresent(json, "from", id(topic, left.progress().from()));
                putIfPresent(json, "cursor", id(topic, left.progress().cursor()));
            }
        }
        return json.put("topic", topic);
    }

    private static ObjectNode json(RefusedRead refused) {
        ObjectNode json =
                Json.object()
                        .put("time", Times.text(refused.at()))
                        .put("subject", refused.subject())
                        .put("rule", refused.rule());
        ArrayNode topics = json.putArray("topics");
        refused.topics().stream().limit(MAX_TOPICS).forEach(topics::add);
        return json;
    }

    private static @Nullable String id(String topic, @Nullable Position position) {
        return position == null ? null : EventId.of(topic, position);
    }

    private static void putIfPresent(ObjectNode json, String name, @Nullable String value) {
        if (value != null) {
            json.put(name, value);
        }
    }
}
