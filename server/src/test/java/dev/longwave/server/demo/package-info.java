@NullMarked
package dev.longwave.server.demo;

import org.jspecify.annotations.NullMarked;
