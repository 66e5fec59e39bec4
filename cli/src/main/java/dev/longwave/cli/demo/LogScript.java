package dev.longwave.cli.demo;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** Log lines of a small shop, in bursts: each scene is one story that runs through its services. */
final class LogScript implements Script {

    static final String TOPIC = "demo/logs";

    private static final List<List<Line>> STORIES =
            List.of(
                    List.of(
                            info("gateway", "POST /checkout trace={trace}"),
                            debug("cart", "3 items, 84.50 EUR trace={trace}"),
                            info("payments", "authorised 84.50 EUR in {ms} ms trace={trace}"),
                            info("orders", "accepted order={order} trace={trace}"),
                            info("gateway", "201 Created in {ms} ms trace={trace}")),
                    List.of(
                            info("gateway", "GET /products?page=2 trace={trace}"),
                            debug("catalog", "cache hit, 48 products trace={trace}"),
                            info("gateway", "200 OK in {ms} ms trace={trace}")),
                    List.of(
                            info("gateway", "GET /search?q=radio trace={trace}"),
                            warn("search", "slow query: 1{ms} ms, limit is 1000 ms"),
                            info("search", "27 hits trace={trace}"),
                            info("gateway", "200 OK in 1{ms} ms trace={trace}")),
                    List.of(
                            error("mailer", "receipt not sent, connection refused order={order}"),
                            warn("mailer", "attempt 1 of 5 failed, next in 2 s order={order}"),
                            info("mailer", "receipt sent at attempt 2 order={order}")),
                    List.of(
                            debug("scheduler", "tick: 4 jobs due"),
                            info("scheduler", "started nightly-cleanup"),
                            info("orders", "removed {order} abandoned carts"),
                            info("scheduler", "finished nightly-cleanup in {ms} ms")),
                    List.of(
                            warn("payments", "provider answered 503, circuit half open"),
                            error("payments", "not authorised: provider unavailable trace={trace}"),
                            info("payments", "provider is back, circuit closed"),
                            info("payments", "authorised at attempt 2 in {ms} ms trace={trace}")));

    private final Dice dice;
    private final InstantSource clock;
    private final Deck<List<Line>> deck;

    LogScript(Dice dice, InstantSource clock) {
        this.dice = dice;
        this.clock = clock;
        this.deck = new Deck<>(dice, STORIES);
    }

    @Override
    public List<Step> nextScene() {
        String trace = dice.id();
        String order = Integer.toString(dice.between(1_000, 9_999));
        List<Step> scene = new ArrayList<>();
        Duration delay = dice.millis(600, 1_600);
        Instant time = clock.instant();
        for (Line line : deck.deal()) {
            time = time.plus(delay);
            String message =
                    line.message
                            .replace("{trace}", trace)
                            .replace("{order}", order)
                            .replace("{ms}", Integer.toString(dice.between(120, 890)));
            String stamp = time.truncatedTo(ChronoUnit.MILLIS).toString();
            LogLine data = new LogLine(stamp, line.level, line.service, message);
            scene.add(new Step(delay, DemoEvent.json(TOPIC, "log", data)));
            delay = dice.millis(120, 480);
        }
        return scene;
    }

    private static Line debug(String service, String message) {
        return new Line("debug", service, message);
    }

    private static Line info(String service, String message) {
        return new Line("info", service, message);
    }

    private static Line warn(String service, String message) {
        return new Line("warn", service, message);
    }

    private static Line error(String service, String message) {
        return new Line("error", service, message);
    }

    private record Line(String level, String service, String message) {}

    private record LogLine(String time, String level, String service, String message) {}
}
