package dev.longwave.testing;

/**
 * An event as a page's script would see it.
 *
 * @param lastEventId the last event id string when it was dispatched, empty if there was none
 * @param type the type, {@code message} unless the stream said otherwise
 * @param data the data, lines joined with LF
 */
public record ReceivedEvent(String lastEventId, String type, String data) {}
