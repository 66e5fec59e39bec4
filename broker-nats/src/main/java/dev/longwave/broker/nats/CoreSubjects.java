package dev.longwave.broker.nats;

/** The subjects of core mode. */
final class CoreSubjects {

    private final String prefix;

    CoreSubjects(String prefix) {
        this.prefix = prefix + ".core.";
    }

    /** {@return the subject on which the sequencer delivers the messages of {@code topic}} */
    String live(String topic) {
        return live() + Subjects.tokens(topic);
    }

    /** {@return the topic of a subject that {@link #live(String)} has returned} */
    String liveTopic(String subject) {
        return Subjects.topicOf(subject.substring(live().length()));
    }

    /** {@return the subject on which nodes send messages of {@code topic} to the sequencer} */
    String publish(Term term, String topic) {
        return publish(term) + Subjects.tokens(topic);
    }

    /** {@return the topic of a subject that {@link #publish(Term, String)} has returned} */
    String publishedTopic(Term term, String subject) {
        return Subjects.topicOf(subject.substring(publish(term).length()));
    }

    /** {@return a wildcard for the subjects of all messages sent to the sequencer} */
    String allPublished(Term term) {
        return publish(term) + '>';
    }

    /** {@return the subject on which the sequencer answers questions about the tails of topics} */
    String tails(Term term) {
        return prefix + "tails." + term;
    }

    /**
     * {@return the subject on which {@code node} receives answers about tails, without a suffix}
     */
    String replies(String node) {
        return prefix + "replies." + node;
    }

    /** {@return the subject of the sequencer's heartbeats} */
    String heartbeats() {
        return prefix + "heartbeat";
    }

    /** {@return the subject on which the sequencer answers with its term} */
    String term() {
        return prefix + "term";
    }

    private String live() {
        return prefix + "live.";
    }

    private String publish(Term term) {
        return prefix + "publish." + term + '.';
    }
}
