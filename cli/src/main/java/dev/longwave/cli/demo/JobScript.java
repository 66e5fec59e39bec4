package dev.longwave.cli.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One job after the other: announced, followed on a topic of its own, ended at 100 %. */
final class JobScript implements Script {

    static final String TOPIC = "demo/jobs";

    private static final List<Work> WORK =
            List.of(
                    new Work(
                            "Transcode keynote.mov",
                            List.of("Reading", "Encoding 1080p", "Encoding 4K", "Packaging")),
                    new Work(
                            "Import customers.csv",
                            List.of("Uploading", "Checking rows", "Writing rows", "Indexing")),
                    new Work(
                            "Build release 4.2.2",
                            List.of("Compiling", "Testing", "Packing", "Signing")),
                    new Work(
                            "Month-end report",
                            List.of("Collecting invoices", "Adding up", "Drawing charts")),
                    new Work(
                            "Train classifier",
                            List.of("Loading data", "Epoch 1", "Epoch 2", "Epoch 3", "Evaluating")),
                    new Work(
                            "Move to region north",
                            List.of("Copying", "Verifying copies", "Switching traffic")));

    private final Dice dice;
    private final Deck<Work> deck;

    JobScript(Dice dice) {
        this.dice = dice;
        this.deck = new Deck<>(dice, WORK);
    }

    @Override
    public List<Step> nextScene() {
        Work work = deck.deal();
        String id = dice.id();
        String topic = TOPIC + "/" + id;
        List<Step> scene = new ArrayList<>();
        scene.add(
                new Step(
                        dice.millis(2_000, 7_000),
                        DemoEvent.json(TOPIC, "job", new Job(id, work.name, topic))));

        // Uneven as real work is: the average comes to a job of about fifteen seconds.
        int percent = 0;
        scene.add(progress(topic, percent, work, Duration.ZERO));
        while (percent < 100) {
            percent = Math.min(100, percent + dice.between(0, 4));
            scene.add(progress(topic, percent, work, dice.millis(250, 420)));
        }
        Step last = scene.removeLast();
        scene.add(new Step(last.delay(), last.event().last()));
        return scene;
    }

    private static Step progress(String topic, int percent, Work work, Duration delay) {
        return new Step(
                delay,
                DemoEvent.json(topic, "progress", new Progress(percent, work.stepAt(percent))));
    }

    private record Work(String name, List<String> steps) {
        String stepAt(int percent) {
            return percent == 100 ? "Done" : steps.get(percent * steps.size() / 100);
        }
    }

    private record Job(String id, String name, String topic) {}

    private record Progress(int percent, String step) {}
}
