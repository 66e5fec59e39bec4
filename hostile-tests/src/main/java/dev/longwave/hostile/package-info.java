/** Clients that mean harm, or do harm without meaning it, against a server of the distribution. */
@NullMarked
package dev.longwave.hostile;

import org.jspecify.annotations.NullMarked;
