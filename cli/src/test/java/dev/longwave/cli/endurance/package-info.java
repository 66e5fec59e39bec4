/**
 * What the server bears: readers that do not read, clients that come and go, connections that
 * break.
 */
@NullMarked
package dev.longwave.cli.endurance;

import org.jspecify.annotations.NullMarked;
