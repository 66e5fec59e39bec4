/** JSON in and out, the same way everywhere. */
@NullMarked
package dev.longwave.server.json;

import org.jspecify.annotations.NullMarked;
