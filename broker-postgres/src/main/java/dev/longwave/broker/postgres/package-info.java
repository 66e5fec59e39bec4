/** The broker that shares events by a PostgreSQL database. */
@NullMarked
package dev.longwave.broker.postgres;

import org.jspecify.annotations.NullMarked;
