package dev.longwave.cli.demo;

import java.time.Duration;

/** Wait for {@code delay} after the step before, then publish {@code event}. */
record Step(Duration delay, DemoEvent event) {}
