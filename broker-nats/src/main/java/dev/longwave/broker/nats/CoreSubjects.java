package dev.longwave.broker.nats;

/** The subjects of core mode. */
final class CoreSubjects {

    private final String prefix;

    CoreSubjects(String prefix) {
        this.prefix = prefix + ".core.";
    }

    /** {@return where the messages of {@code topic} arrive, in order} */
    String live(String topic) {
        return live() + Subjects.tokens(topic);
    }

    /** {@return the topic whose messages arrive at {@code subject}} */
    String liveTopic(String subject) {
        return Subjects.topicOf(subject.substring(live().length()));
    }

    /** {@return where a message of {@code topic} is sent to be put in order} */
    String order(Reign reign, String topic) {
        return orders(reign) + Subjects.tokens(topic);
    }

    /** {@return the topic that is sent to {@code subject}} */
    String orderedTopic(Reign reign, String subject) {
        return Subjects.topicOf(subject.substring(orders(reign).length()));
    }

    /** {@return what matches all that is to be put in order} */
    String allOrders(Reign reign) {
        return orders(reign) + '>';
    }

    /** {@return where to ask for the tails of topics} */
    String tails(Reign reign) {
        return prefix + "tails." + reign;
    }

    /** {@return where {@code node} gets its answers about tails} */
    String answers(String node) {
        return prefix + "answers." + node;
    }

    /** {@return where who rules says so} */
    String beats() {
        return prefix + "reign";
    }

    /** {@return where to ask who rules} */
    String who() {
        return prefix + "who";
    }

    private String live() {
        return prefix + "live.";
    }

    private String orders(Reign reign) {
        return prefix + "order." + reign + '.';
    }
}
