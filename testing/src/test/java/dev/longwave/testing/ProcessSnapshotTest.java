package dev.longwave.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** On Linux only, because it reads {@code /proc}. */
@EnabledOnOs(OS.LINUX)
final class ProcessSnapshotTest {

    @Test
    void countsWhatAProcessHolds(@TempDir Path folder) throws Exception {
        long pid = ProcessHandle.current().pid();
        ProcessSnapshot before = ProcessSnapshot.of(pid);
        var files = new ArrayList<FileChannel>();
        var stop = new CountDownLatch(1);
        var begun = new CountDownLatch(100 + 5);
        Runnable waiting =
                () -> {
                    begun.countDown();
                    try {
                        stop.await();
                    } catch (InterruptedException _) {
                        Thread.currentThread().interrupt();
                    }
                };
        byte[] memory = new byte[20_000_000];
        IntStream.range(0, 100).forEach(_ -> Thread.ofVirtual().start(waiting));
        IntStream.range(0, 5).forEach(_ -> Thread.ofPlatform().daemon().start(waiting));
        for (int i = 0; i < 50; i++) {
            files.add(
                    FileChannel.open(
                            folder.resolve("f" + i),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE));
        }
        begun.await();

        ProcessSnapshot then = ProcessSnapshot.of(pid);

        assertThat(then.virtualThreads() - before.virtualThreads()).isGreaterThanOrEqualTo(90);
        assertThat(then.platformThreads()).isGreaterThan(before.platformThreads());
        assertThat(then.fileDescriptors() - before.fileDescriptors()).isGreaterThanOrEqualTo(40);
        assertThat(then.liveHeapBytes() - before.liveHeapBytes()).isGreaterThan(memory.length / 2);
        stop.countDown();
        for (FileChannel file : files) {
            file.close();
        }
    }
}
