/** Ends a test JVM that hangs. JUnit finds it on the class path of each module's tests. */
@NullMarked
package dev.longwave.watchdog;

import org.jspecify.annotations.NullMarked;
