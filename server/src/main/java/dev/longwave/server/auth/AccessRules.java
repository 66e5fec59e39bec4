package dev.longwave.server.auth;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Settings;
import dev.longwave.broker.TopicPattern;
import dev.longwave.server.auth.Permissions.Action;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the configuration allows to anonymous clients, to those that have signed in, and to those
 * with a role. Every rule that applies to a client adds to what it may do. Immutable; one that was
 * read later is another.
 */
final class AccessRules {

    private static final String ANONYMOUS = "anonymous";
    private static final String AUTHENTICATED = "authenticated";
    private static final String CERTIFICATE = "certificate";

    private static final AccessRules NONE = new AccessRules(List.of());

    private final List<Rule> rules;

    /** One rule: {@code who} is one of the words above or a role. */
    private record Rule(String who, List<String> topics, Set<Action> allowed) {

        boolean appliesTo(Grantee client) {
            return switch (who) {
                case ANONYMOUS -> true; // whoever signs in may not do less
                case AUTHENTICATED ->
                        client.kind() == Grantee.Kind.AUTHENTICATED
                                || client.kind() == Grantee.Kind.CERTIFICATE;
                case CERTIFICATE -> client.kind() == Grantee.Kind.CERTIFICATE;
                default -> client.roles().contains(who);
            };
        }

        Permissions permissions(@Nullable String subject) {
            List<TopicPattern> patterns = Permissions.patterns(topics, subject);
            return new Permissions(
                    allowed.contains(Action.SUBSCRIBE) ? patterns : List.of(),
                    allowed.contains(Action.PUBLISH) ? patterns : List.of(),
                    allowed.contains(Action.PRESENCE) ? patterns : List.of());
        }
    }

    private AccessRules(List<Rule> rules) {
        this.rules = List.copyOf(rules);
    }

    /** {@return no rules} */
    static AccessRules none() {
        return NONE;
    }

    /** Reads the section {@code auth.rules}: one subsection per rule. */
    static AccessRules read(Settings auth) {
        Settings section = auth.section("rules");
        var rules = new ArrayList<Rule>();
        for (String name : section.names()) {
            rules.add(rule(section.section(name), "auth.rules." + name));
        }
        return new AccessRules(rules);
    }

    /** Reads a rule without values, so that its settings appear in the reference table. */
    static void describe(Settings auth) {
        var _ = rule(auth.section("rules").section("<name>"), "auth.rules.<name>");
    }

    private static Rule rule(Settings rule, String key) {
        String who =
                rule.text(
                        "who",
                        AUTHENTICATED,
                        "To whom the rule applies: anonymous for all clients, authenticated for"
                                + " those with a valid credential, certificate for those with a"
                                + " client certificate, or the name of a role.");
        List<String> topics =
                rule.list(
                        "topics",
                        List.of(),
                        "The topics, as patterns: * stands for one segment, ** at the end for one"
                                + " or more, {sub} for the subject of the client's credential.");
        List<String> allow =
                rule.list(
                        "allow",
                        List.of("subscribe"),
                        "What these clients may do with these topics: subscribe, publish,"
                                + " presence.");
        check(topics, key);
        return new Rule(who, topics, actions(allow, key));
    }

    private static void check(List<String> topics, String key) {
        for (String topic : topics) {
            try {
                var _ = TopicPattern.parse(topic);
            } catch (IllegalArgumentException e) {
                throw new BrokerConfigurationException(
                        "setting %s.topics has an entry that is not a topic pattern: %s value=%s"
                                .formatted(key, e.getMessage(), topic),
                        e);
            }
        }
    }

    private static Set<Action> actions(List<String> words, String key) {
        var actions = EnumSet.noneOf(Action.class);
        for (String word : words) {
            try {
                actions.add(Action.valueOf(word.toUpperCase(Locale.ROOT)));
            } catch (IllegalArgumentException e) {
                throw new BrokerConfigurationException(
                        "setting %s.allow must be of subscribe, publish, and presence value=%s"
                                .formatted(key, word),
                        e);
            }
        }
        return actions;
    }

    /** {@return whether nothing is configured} */
    boolean isEmpty() {
        return rules.isEmpty();
    }

    /** {@return what a client may do, beside what its credential says} */
    Permissions permissions(Grantee client) {
        Permissions all = Permissions.NONE;
        if (client.kind() == Grantee.Kind.NOBODY) {
            return all;
        }
        for (Rule rule : rules) {
            if (rule.appliesTo(client)) {
                all = all.plus(rule.permissions(client.subject()));
            }
        }
        return all;
    }
}
