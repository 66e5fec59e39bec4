package dev.longwave.cli.demo;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** A notification every few seconds: what a bell in the corner of a page is fed with. */
final class NotificationScript implements Script {

    static final String TOPIC = "demo/notifications";

    private static final List<Text> TEXTS =
            List.of(
                    new Text("mention", "Ada mentioned you", "“Can you look at the retry delay?”"),
                    new Text("mention", "Grace replied", "“Found it. It was a moth.”"),
                    new Text("mention", "Hedy assigned you", "Issue 283: hop between frequencies"),
                    new Text(
                            "success", "Deployment finished", "web 4.2.1 is live in three regions"),
                    new Text("success", "Backup complete", "18.4 GB, checked, in 6 minutes"),
                    new Text(
                            "success", "Review approved", "Two approvals, nothing left to discuss"),
                    new Text("warning", "Certificate expires soon", "api.example.com, in 14 days"),
                    new Text("warning", "Disk filling up", "db-2 is at 81 % and grows 2 % a day"),
                    new Text("warning", "Payment declined", "Order 4711: the customer was told"),
                    new Text("info", "New sign-in", "Firefox on Linux, Reykjavík"),
                    new Text("info", "Weekly report", "Visitors up 12 %, errors down by a third"),
                    new Text("info", "Meeting in ten minutes", "Room Marconi, or the usual link"));

    private final Dice dice;
    private final InstantSource clock;
    private final Deck<Text> deck;

    NotificationScript(Dice dice, InstantSource clock) {
        this.dice = dice;
        this.clock = clock;
        this.deck = new Deck<>(dice, TEXTS);
    }

    @Override
    public List<Step> nextScene() {
        Duration delay = dice.millis(4_000, 9_000);
        Text text = deck.deal();
        Instant time = clock.instant().plus(delay).truncatedTo(ChronoUnit.MILLIS);
        Notification notification =
                new Notification(text.title, text.text, text.kind, time.toString());
        return List.of(new Step(delay, DemoEvent.json(TOPIC, "notification", notification)));
    }

    private record Text(String kind, String title, String text) {}

    private record Notification(String title, String text, String kind, String time) {}
}
