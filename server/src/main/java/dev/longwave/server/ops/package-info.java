/** The admin listener: health and the node's own figures, for operators and their tools. */
@NullMarked
package dev.longwave.server.ops;

import org.jspecify.annotations.NullMarked;
