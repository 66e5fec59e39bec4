package dev.longwave.cli;

/**
 * An event as a stream carries it.
 *
 * @param id the last event id at the time of the event, empty for none
 * @param type its type, empty for none
 * @param topic the topic it is of; empty unless it came through a pattern, or details were asked
 *     for
 * @param time when it was published, as RFC 3339; empty unless details were asked for
 * @param encoding how its data is encoded; empty for text
 * @param data its data
 */
record ServerSentEvent(
        String id, String type, String topic, String time, String encoding, String data) {}
