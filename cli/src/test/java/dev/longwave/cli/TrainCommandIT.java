package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TrainCommandIT {

    @Test
    void usesAServerWithAndWithoutTls() {
        CommandRun run = CommandRun.of("", "train", "--seconds", "1");

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).matches("[1-9][0-9]+ events\\n");
    }

    @Test
    void isNotOfferedToUsers() {
        assertThat(CommandRun.of("", "--help").out()).doesNotContain("train");
    }
}
