package dev.longwave.server.presence;

/**
 * How many are in a topic.
 *
 * @param connections how many connections
 * @param users how many users these are
 */
public record Counts(int connections, int users) {}
