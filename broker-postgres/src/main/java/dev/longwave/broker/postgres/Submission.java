package dev.longwave.broker.postgres;

import dev.longwave.broker.BrokerException;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.Publication;
import dev.longwave.broker.PublishResult;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Messages that one caller publishes together, and what becomes of them. */
final class Submission {
    /*
     * If a message fails, so do those of its topic after it: its publisher may publish all of them again, and they must
     * not change places. A message that is refused for what it is affects no other.
     */
    private final List<Pending> messages;
    private final CountDownLatch open;
    private volatile boolean expired;

    Submission(List<Publication> publications) {
        messages = publications.stream().map(Pending::new).toList();
        open = new CountDownLatch(messages.size());
    }

    List<Pending> messages() {
        return messages;
    }

    /** Waits. {@return whether the outcome of each message is known} */
    boolean await(Duration time) throws InterruptedException {
        return open.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** The caller does not wait for messages any longer that are not being stored. */
    void expire() {
        expired = true;
    }

    /** {@return what became of each message; a known outcome for all is required} */
    List<PublishResult> results() {
        return messages.stream()
                .map(each -> Objects.requireNonNull(each.outcome.get(), "outcome"))
                .toList();
    }

    /** Fails all messages whose outcome is not known. */
    void fail(BrokerException failure) {
        messages.forEach(each -> each.complete(PublishResult.failed(failure)));
    }

    /** One message. Safe for many threads. */
    final class Pending {

        private final Publication publication;
        private final AtomicReference<@Nullable PublishResult> outcome = new AtomicReference<>();

        private Pending(Publication publication) {
            this.publication = publication;
        }

        Publication publication() {
            return publication;
        }

        String topic() {
            return publication.topic();
        }

        int size() {
            return publication.message().size();
        }

        /** {@return whether its outcome is known} */
        boolean isDone() {
            return outcome.get() != null;
        }

        /** {@return whether its caller does not wait for it any longer} */
        boolean isExpired() {
            return expired;
        }

        /** Tells the outcome. Only the first one counts. */
        void complete(PublishResult result) {
            if (outcome.compareAndSet(null, result)) {
                open.countDown();
            }
        }

        /** Fails this message, and those of its topic after it unless only it is refused. */
        void fail(BrokerException failure) {
            complete(PublishResult.failed(failure));
            if (failure instanceof MessageRefusedException) {
                return;
            }
            for (Pending each : messages.subList(messages.indexOf(this) + 1, messages.size())) {
                if (each.topic().equals(topic())) {
                    each.complete(PublishResult.failed(failure));
                }
            }
        }
    }
}
