package com.example.longwave.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longwave.broker.Message;
import dev.longwave.broker.Published;
import dev.longwave.broker.Start;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the contract tests cannot know: what a killed writer leaves behind, and damage. */
final class TopicFileTest {

    @TempDir Path root;
    private Path file;
    private byte[] whole;

    @BeforeEach
    void threeEntries() throws IOException {
        for (String data : List.of("1", "2", "3")) {
            append(opened(), data);
        }
        file = new Directory(root).file("topic");
        whole = Files.readAllBytes(file);
    }

    @Test
    void cutsOffARecordThatWasNotWrittenToItsEnd() throws IOException {
        int last = whole.length / 3;
        for (int missing = 1; missing <= last; missing++) {
            Files.write(file, Arrays.copyOf(whole, whole.length - missing));

            assertThat(read(opened())).containsExactly("1", "2");
            assertThat(append(opened(), "4").position().major()).isEqualTo(3);
            assertThat(read(opened())).containsExactly("1", "2", "4");
        }
    }

    @Test
    void refusesAFileThatIsDamagedBeforeItsEnd() throws IOException {
        for (int i = 0; i < whole.length * 2 / 3; i++) {
            byte[] damaged = whole.clone();
            damaged[i] ^= 0x55;
            Files.write(file, damaged);

            assertRefused(opened());
            assertThat(Files.readAllBytes(file)).as("changed at " + i).isEqualTo(damaged);
        }
    }

    @Test
    void refusesAnEntryThatWasDamagedSinceItWasFirstRead() throws IOException {
        TopicFile topic = opened();
        read(topic);
        byte[] damaged = whole.clone();
        damaged[whole.length / 2] ^= 0x55;
        Files.write(file, damaged);

        assertThatThrownBy(() -> read(topic)).hasMessageContaining("damaged");
    }

    @Test
    void refusesAFileThatBecameShorter() throws IOException {
        TopicFile topic = opened();
        read(topic);
        Files.delete(file);

        assertRefused(topic);
    }

    @Test
    void remembersIdsWhenOpenedAgain() throws IOException {
        Published again = append(opened(), "2");

        assertThat(again.duplicate()).isTrue();
        assertThat(again.position().major()).isEqualTo(2);
    }

    private TopicFile opened() throws IOException {
        var directory = new Directory(root);
        return new TopicFile(directory, directory.file("topic"), true, InstantSource.system());
    }

    private static Published append(TopicFile topic, String data) throws IOException {
        return topic.append(Message.builder(data.getBytes(UTF_8)).id("id-" + data).build());
    }

    private static List<String> read(TopicFile topic) throws IOException {
        return topic.read(Start.earliest(), null, 100, Integer.MAX_VALUE).entries().stream()
                .map(entry -> new String(entry.message().data(), UTF_8))
                .toList();
    }

    private static void assertRefused(TopicFile topic) {
        assertThatThrownBy(() -> read(topic)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> append(topic, "4"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged");
    }
}
