package dev.longwave.cli;

/**
 * A line of input, ready to be sent.
 *
 * @param number its number in the input, from 1
 * @param json the event as a JSON object on one line; it has a message id, so that sending it again
 *     does not publish it again
 */
record Line(long number, String json) {}
