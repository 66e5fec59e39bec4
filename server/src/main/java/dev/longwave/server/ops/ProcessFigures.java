package dev.longwave.server.ops;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.server.http.Json;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.Objects;

/** The figures of the process: its version, its uptime, and its memory. */
public final class ProcessFigures {

    /** The version of the server; {@code development} if it does not run from its jar. */
    public static final String VERSION =
            Objects.requireNonNullElse(
                    ProcessFigures.class.getPackage().getImplementationVersion(), "development");

    private ProcessFigures() {}

    static ObjectNode json() {
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        return Json.object()
                .put("version", VERSION)
                .put("uptimeSeconds", ManagementFactory.getRuntimeMXBean().getUptime() / 1000)
                .put("heapBytes", heap.getUsed())
                .put("maxHeapBytes", heap.getMax());
    }
}
