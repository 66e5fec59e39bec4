/** The development mode as a browser sees it. */
@NullMarked
package dev.longwave.cli.browser;

import org.jspecify.annotations.NullMarked;
