/** The arrows between modules and between the rooms of the server, held in one table. */
@NullMarked
package dev.longwave.architecture;

import org.jspecify.annotations.NullMarked;
