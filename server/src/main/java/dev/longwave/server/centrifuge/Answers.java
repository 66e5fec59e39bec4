package dev.longwave.server.centrifuge;

import dev.longwave.server.centrifuge.Subscriptions.Answer;
import dev.longwave.server.centrifuge.Subscriptions.Line;
import java.util.ArrayList;
import java.util.List;

/**
 * The replies to what a client sent at once, which leave together. For the thread that handles its
 * commands.
 */
final class Answers {

    private final Subscriptions subscriptions;
    private final List<Answer> waiting = new ArrayList<>();
    private int length;

    Answers(Subscriptions subscriptions) {
        this.subscriptions = subscriptions;
    }

    void add(byte[] reply) {
        add(new Answer.Reply(new Line(reply)));
    }

    void add(Answer answer) {
        waiting.add(answer);
        length += answer.line().json.length;
    }

    /** How many bytes wait. */
    int length() {
        return length;
    }

    /** Sends them now. */
    void flush() {
        if (!waiting.isEmpty()) {
            subscriptions.send(List.copyOf(waiting));
            waiting.clear();
            length = 0;
        }
    }
}
