/**
 * The {@code longwave} command line.
 *
 * <p>{@code publish} and {@code subscribe} are clients: they speak plain HTTP to any Longwave
 * server and touch no class of the server, which keeps their start quick.
 */
@NullMarked
package dev.longwave.cli;

import org.jspecify.annotations.NullMarked;
