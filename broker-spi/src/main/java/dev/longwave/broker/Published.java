package dev.longwave.broker;

/**
 * The broker's answer to a publish.
 *
 * @param position where the message stands
 * @param durability what it survives from now on
 * @param duplicate whether a message with this id was there already; the position is then the first
 *     one's
 */
public record Published(Position position, Durability durability, boolean duplicate) {}
