/**
 * What requests have in common: the topic in the path, where to begin, and bodies within bounds.
 */
@NullMarked
package dev.longwave.server.request;

import org.jspecify.annotations.NullMarked;
