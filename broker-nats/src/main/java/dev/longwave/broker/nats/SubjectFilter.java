package dev.longwave.broker.nats;

/**
 * Which messages of the stream are meant.
 *
 * @param subject that they are stored at, with wildcards for a pattern
 * @param isPattern whether they are those of more than one topic
 */
record SubjectFilter(String subject, boolean isPattern) {}
