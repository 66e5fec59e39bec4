/** What a client is told when something is wrong: problem documents, from one catalogue. */
@NullMarked
package dev.longwave.server.problem;

import org.jspecify.annotations.NullMarked;
