/** The HTTP surface beside the streams: publishing, history, the console, and problem documents. */
@NullMarked
package dev.longwave.server.http;

import org.jspecify.annotations.NullMarked;
