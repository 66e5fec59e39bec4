/** The recipes of {@code docs/security.md}: the projects in {@code examples/sign-in}. */
@NullMarked
package dev.longwave.recipes;

import org.jspecify.annotations.NullMarked;
