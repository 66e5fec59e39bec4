package dev.longwave.server;

import dev.longwave.broker.Settings;
import dev.longwave.broker.TopicPattern;
import dev.longwave.core.LagPolicy;
import java.util.ArrayList;
import java.util.List;

/** The configuration for topics, by pattern; the first rule that matches applies. */
final class TopicRules {

    private final List<Rule> rules;
    private final boolean anyEphemeral; // asked with each publish

    private record Rule(TopicPattern pattern, LagPolicy lag, boolean ephemeral) {}

    private enum Lag {
        REPLAY,
        LATEST,
        DISCONNECT
    }

    private TopicRules(List<Rule> rules) {
        this.rules = rules;
        this.anyEphemeral = rules.stream().anyMatch(Rule::ephemeral);
    }

    /** Reads the section {@code topics}: one subsection per rule, in the order of their names. */
    static TopicRules read(Settings settings) {
        Settings topics = settings.section("topics");
        var rules = new ArrayList<Rule>();
        for (String name : topics.names()) {
            rules.add(rule(topics.section(name)));
        }
        return new TopicRules(rules);
    }

    /** Reads a rule without values, so that its settings appear in the reference table. */
    static void describe(Settings settings) {
        var _ = rule(settings.section("topics").section("<name>"));
    }

    private static Rule rule(Settings rule) {
        String pattern =
                rule.text(
                        "pattern",
                        "**",
                        "The topics to which the rule applies: * stands for one segment, ** at the"
                                + " end for one or more.");
        Lag lag =
                rule.choice(
                        "lag",
                        Lag.REPLAY,
                        Lag.class,
                        "What happens to a reader that cannot keep up: it reads the events it"
                                + " missed from history, skips to the latest event, or is"
                                + " disconnected.");
        int behind =
                (int)
                        rule.number(
                                "lag-behind",
                                16,
                                1,
                                1 << 20,
                                "With lag latest: how many events behind its topic a reader may be"
                                        + " before it skips.");
        boolean perKey =
                rule.flag(
                        "lag-per-key",
                        false,
                        "With lag latest: whether a reader that skips still gets the newest event"
                                + " of each key.");
        boolean ephemeral =
                rule.flag(
                        "ephemeral",
                        false,
                        "Whether all events of these topics are ephemeral: only clients that are"
                                + " connected receive them, and none is kept.");
        return new Rule(
                TopicPattern.parse(pattern),
                switch (lag) {
                    case REPLAY -> new LagPolicy.Replay();
                    case LATEST -> new LagPolicy.Latest(behind, perKey);
                    case DISCONNECT -> new LagPolicy.Disconnect();
                },
                ephemeral);
    }

    /**
     * {@return the lag policy of a topic, or of a pattern to which a client subscribes: that of the
     * first rule that applies to all of its topics}
     */
    LagPolicy lagPolicy(String name) {
        TopicPattern meant = TopicPattern.parse(name);
        for (Rule rule : rules) {
            if (rule.pattern().covers(meant)) {
                return rule.lag();
            }
        }
        return new LagPolicy.Replay();
    }

    /** {@return whether all events of a topic are ephemeral, by the first rule that matches it} */
    boolean isEphemeral(String topic) {
        if (!anyEphemeral) {
            return false;
        }
        for (Rule rule : rules) {
            if (rule.pattern().matches(topic)) {
                return rule.ephemeral();
            }
        }
        return false;
    }
}
