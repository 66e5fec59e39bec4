@NullMarked
package dev.longwave.cli.demo;

import org.jspecify.annotations.NullMarked;
