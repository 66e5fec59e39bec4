/** How this node is doing, for those who watch it. */
@NullMarked
package dev.longwave.server.ops;

import org.jspecify.annotations.NullMarked;
