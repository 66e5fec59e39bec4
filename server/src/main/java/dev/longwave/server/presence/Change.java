package dev.longwave.server.presence;

/**
 * A lease that began or ended.
 *
 * @param ended whether it has ended
 */
record Change(Lease lease, boolean ended) {}
