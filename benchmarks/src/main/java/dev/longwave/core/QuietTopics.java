package dev.longwave.core;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * Prints how much memory quiet topics take, by class: with one connection each, and after these
 * have left. Sockets, threads, and what a connection has outside the core are not included.
 *
 * <p>Arguments: the broker, {@code memory} (the default) or {@code silent}, which shows the core
 * alone; and the number of topics, 100,000 by default. Each process measures one broker, so that
 * nothing of another one is counted.
 */
final class QuietTopics {
    /*
     * Class histograms count only live objects, each with its exact size. So the difference of two is what
     * was added, no matter what garbage the collector has not reclaimed yet.
     */
    private static final int DEFAULT_TOPICS = 100_000;
    private static final int CLASSES_SHOWN = 20;

    /** In the names of classes with which collectors fill the space of dead objects. */
    private static final String FILLER = "jdk.internal.vm.Filler";

    private final int topics;

    private QuietTopics(int topics) {
        this.topics = topics;
    }

    public static void main(String[] args) throws JMException {
        String broker = args.length > 0 ? args[0] : "memory";
        var quiet = new QuietTopics(args.length > 1 ? Integer.parseInt(args[1]) : DEFAULT_TOPICS);
        HubOptions defaults = HubOptions.defaults();
        var lingering =
                new HubOptions(
                        defaults.topicLogEvents(),
                        defaults.topicLogBytes(),
                        Duration.ofHours(1),
                        defaults.pageEvents(),
                        defaults.pageBytes(),
                        defaults.fanOutThreads(),
                        defaults.lagPolicies());
        Node node =
                switch (broker) {
                    case "memory" -> Node.onMemory(lingering);
                    case "silent" -> Node.on(new SilentBroker(), lingering);
                    default -> throw new IllegalArgumentException("no such broker: " + broker);
                };
        try (node) {
            quiet.weigh(broker + " broker", node);
        }
    }

    private void weigh(String broker, Node node) throws JMException {
        try (var warmUp = new Readers(node.hub())) {
            warmUp.add("warm-up");
        }
        Map<String, Long> before = liveBytes();
        try (var readers = new Readers(node.hub())) {
            for (int i = 0; i < topics; i++) {
                readers.add("quiet/%06d".formatted(i));
            }
            print(broker + ", topic with a connection", before, liveBytes());
        }
        print(broker + ", topic alone", before, liveBytes());
    }

    private void print(String what, Map<String, Long> before, Map<String, Long> after) {
        var perTopic = new HashMap<String, Double>();
        after.forEach((type, bytes) ->
                perTopic.put(type, (bytes - before.getOrDefault(type, 0L)) / (double) topics));
        double all = perTopic.values().stream().mapToDouble(Double::doubleValue).sum();

        System.out.printf("%n%s: %.0f bytes%n", what, all);
        perTopic.entrySet().stream()
                .filter(type -> type.getValue() >= 1)
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .limit(CLASSES_SHOWN)
                .forEach(type -> System.out.printf("%8.0f  %s%n", type.getValue(), type.getKey()));
    }

    /** The bytes of all live objects, by class. Collects garbage first. */
    private static Map<String, Long> liveBytes() throws JMException {
        String histogram =
                (String)
                        ManagementFactory.getPlatformMBeanServer()
                                .invoke(
                                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                                        "gcClassHistogram",
                                        new Object[] {new String[0]},
                                        new String[] {String[].class.getName()});
        var bytes = new HashMap<String, Long>();
        for (String line : histogram.lines().toList()) {
            // Number, instances, bytes, class, and perhaps its module.
            List<String> columns = List.of(line.strip().split("\\s+"));
            if (columns.size() >= 4
                    && columns.getFirst().matches("\\d+:")
                    && !columns.get(3).contains(FILLER)) {
                bytes.merge(columns.get(3), Long.parseLong(columns.get(2)), Long::sum);
            }
        }
        return bytes;
    }
}
