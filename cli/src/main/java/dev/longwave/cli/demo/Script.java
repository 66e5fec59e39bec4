package dev.longwave.cli.demo;

import java.util.List;

/**
 * What one lane of the demo plays, scene after scene and without end. A scene is a list of steps
 * with their delays, so that a test can read through hours of it at once. For one thread.
 */
@FunctionalInterface
interface Script {

    /** {@return the next scene: one step at least} */
    List<Step> nextScene();
}
