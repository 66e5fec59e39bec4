/** The console: a live page to try everything. */
@NullMarked
package dev.longwave.server.console;

import org.jspecify.annotations.NullMarked;
