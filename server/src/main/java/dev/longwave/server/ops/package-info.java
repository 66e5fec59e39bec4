/** What operators and their tools see of a node, and the commands that they give it. */
@NullMarked
package dev.longwave.server.ops;

import org.jspecify.annotations.NullMarked;
