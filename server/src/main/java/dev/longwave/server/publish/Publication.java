package dev.longwave.server.publish;

import dev.longwave.broker.Message;

/** A message, and where it is to be published. */
record Publication(String topic, Message message) {}
