/** What holds for the server as a whole. */
@NullMarked
package dev.longwave.server;

import org.jspecify.annotations.NullMarked;
