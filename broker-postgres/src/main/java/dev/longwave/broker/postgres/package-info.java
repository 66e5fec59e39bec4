/** The broker for PostgreSQL: the log is a table, and live delivery uses LISTEN and NOTIFY. */
@NullMarked
package dev.longwave.broker.postgres;

import org.jspecify.annotations.NullMarked;
