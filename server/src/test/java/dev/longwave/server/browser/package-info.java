/** Longwave as a browser sees it. */
@NullMarked
package dev.longwave.server.browser;

import org.jspecify.annotations.NullMarked;
