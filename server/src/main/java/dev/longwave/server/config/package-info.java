/** Where settings come from: a YAML file, the environment and the command line. */
@NullMarked
package dev.longwave.server.config;

import org.jspecify.annotations.NullMarked;
