/** Proves that resuming never lies: whatever is cut, each event comes once or a gap tells. */
@NullMarked
package dev.longwave.server.resume;

import org.jspecify.annotations.NullMarked;
