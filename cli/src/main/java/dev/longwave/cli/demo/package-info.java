/**
 * Demonstration data: a handful of lively topics under {@code demo/} that the console shows, and
 * that a newcomer can subscribe to before there is anything of their own to publish.
 */
@NullMarked
package dev.longwave.cli.demo;

import org.jspecify.annotations.NullMarked;
