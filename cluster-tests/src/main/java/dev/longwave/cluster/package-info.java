/**
 * Several nodes on one bus, as processes: the distribution, the real broker servers, and faults.
 */
@NullMarked
package dev.longwave.cluster;

import org.jspecify.annotations.NullMarked;
