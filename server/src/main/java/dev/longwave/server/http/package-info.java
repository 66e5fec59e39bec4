/**
 * What requests and responses have in common: the topics that a request names, where to begin,
 * bodies within bounds, JSON, and problem documents.
 */
@NullMarked
package dev.longwave.server.http;

import org.jspecify.annotations.NullMarked;
