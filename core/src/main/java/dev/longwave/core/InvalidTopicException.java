package dev.longwave.core;

/** A topic's name breaks a rule. The caller's mistake: trying again cannot help. */
public final class InvalidTopicException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final String rule;

    InvalidTopicException(String rule, String message) {
        super(message);
        this.rule = rule;
    }

    /** {@return the name of the rule that is broken, as {@code topic-length}} */
    public String rule() {
        return rule;
    }
}
