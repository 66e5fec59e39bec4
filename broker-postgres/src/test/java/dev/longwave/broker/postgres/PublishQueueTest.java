package dev.longwave.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Message;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.Publication;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PublishQueueTest {

    private final PublishQueue queue = new PublishQueue();

    @Test
    void givesAllThatWaitsTogether() {
        add("a1", "b1", "a2");

        assertThat(texts(queue.take())).containsExactly("a1", "a2", "b1");
        assertThat(queue.take().messages()).isEmpty();
    }

    @Test
    void givesATopicToOneTakerAtATime() {
        add("a1");
        PublishQueue.Batch first = queue.take();
        add("a2", "b1");

        assertThat(texts(queue.take())).containsExactly("b1");
        queue.done(first);
        assertThat(texts(queue.take())).containsExactly("a2");
    }

    @Test
    void limitsABatchInMessages() {
        add(Collections.nCopies(PublishQueue.MAX_BATCH + 3, "a").toArray(String[]::new));

        PublishQueue.Batch first = queue.take();
        assertThat(first.messages()).hasSize(PublishQueue.MAX_BATCH);
        queue.done(first);
        assertThat(queue.take().messages()).hasSize(3);
    }

    @Test
    void limitsABatchInBytesButTakesALongMessageAlone() {
        String half = "x".repeat((int) PublishQueue.MAX_BATCH_BYTES / 2);
        add("a" + half, "b" + half, "c" + half.repeat(3));

        assertThat(queue.take().messages()).hasSize(1);
        assertThat(queue.take().messages()).hasSize(1);
        assertThat(queue.take().messages()).hasSize(1);
    }

    @Test
    void putsATopicAsideThatIsHeld() {
        add("a1", "b1");
        List<PublishQueue.Batch> each = queue.take().byTopic();

        assertThat(queue.putBack(each.get(0))).isEmpty();
        queue.done(each.get(1));
        add("a2", "b2");

        assertThat(queue.isHeld("a")).isTrue();
        assertThat(texts(queue.take())).containsExactly("b2");
        PublishQueue.Batch held = queue.takeHeld();
        assertThat(texts(held)).containsExactly("a1", "a2");
        add("a3");
        queue.done(held);
        assertThat(queue.isHeld("a")).isFalse();
        assertThat(texts(queue.take())).containsExactly("a3");
    }

    @Test
    void doesNotPutBackWhatNobodyWaitsFor() {
        Submission submission = add("a1", "a2");
        PublishQueue.Batch batch = queue.take();

        submission.expire();

        assertThat(queue.putBack(batch)).hasSize(2);
        assertThat(queue.takeHeld().messages()).isEmpty();
    }

    @Test
    void givesUpWhatWasNotTaken() {
        Submission first = add("a1");
        Submission second = add("a2", "b1");
        queue.take(); // a1, a2, b1
        Submission third = add("a3");

        assertThat(queue.remove(first.messages())).isEmpty();
        assertThat(queue.remove(second.messages())).isEmpty();
        assertThat(queue.remove(third.messages())).hasSize(1);
    }

    @Test
    void leavesOutWhatFollowsAFailureInTheSameTopic() {
        Submission submission = add("a1", "b1", "a2");
        var failure = new BrokerUnavailableException("lost");

        submission.messages().getFirst().fail(failure);

        assertThat(texts(queue.take())).containsExactly("b1");
        assertThat(submission.messages())
                .extracting(Submission.Pending::isDone)
                .containsExactly(true, false, true);
    }

    @Test
    void goesOnAfterAMessageThatIsRefused() {
        Submission submission = add("a1", "a2");

        submission.messages().getFirst().fail(new MessageRefusedException("bad"));

        assertThat(texts(queue.take())).containsExactly("a2");
    }

    @Test
    void refusesMoreThanItHasRoomFor() {
        var submissions = new ArrayList<Submission>();
        while (submissions.isEmpty()
                || submissions.getLast().messages().stream().noneMatch(it -> it.isDone())) {
            submissions.add(add(Collections.nCopies(256, "a").toArray(String[]::new)));
        }

        assertThat(submissions.getLast().results().getFirst().failure().orElseThrow())
                .isInstanceOf(BrokerRefusedException.class);
        assertThat(submissions).hasSizeGreaterThan(1).hasSizeLessThan(1000);
    }

    @Test
    void takesNothingOnceClosed() {
        add("a1");

        assertThat(queue.close()).hasSize(1);
        assertThatThrownBy(() -> add("a2")).isInstanceOf(IllegalStateException.class);
    }

    /** Adds messages, each of the topic that its first letter names. */
    private Submission add(String... texts) {
        var submission =
                new Submission(
                        Arrays.stream(texts)
                                .map(text ->
                                        Publication.of(
                                                text.substring(0, 1),
                                                Message.of(text.getBytes(StandardCharsets.UTF_8))))
                                .toList());
        queue.add(submission.messages());
        return submission;
    }

    private static List<String> texts(PublishQueue.Batch batch) {
        return batch.publications().stream()
                .map(it -> new String(it.message().data(), StandardCharsets.UTF_8))
                .toList();
    }
}
