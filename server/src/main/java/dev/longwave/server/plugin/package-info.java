/** The brokers of an installation: those of the distribution, and those in its {@code plugins}. */
@NullMarked
package dev.longwave.server.plugin;

import org.jspecify.annotations.NullMarked;
