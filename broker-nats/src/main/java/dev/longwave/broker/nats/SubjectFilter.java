package dev.longwave.broker.nats;

/**
 * Selects messages of the stream.
 *
 * @param subject the subject of a topic; for a pattern, with wildcards
 * @param isPattern whether it selects more than one topic
 */
record SubjectFilter(String subject, boolean isPattern) {}
