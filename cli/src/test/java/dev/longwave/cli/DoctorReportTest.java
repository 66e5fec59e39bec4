package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class DoctorReportTest {

    private final DoctorReport report = new DoctorReport();

    @Test
    void isWellWithoutFindings() {
        report.passed("dns", "h: 192.0.2.1");
        report.unchecked("cors", "give --origin");

        assertThat(report.ok()).isTrue();
        assertThat(report.text(false))
                .isEqualTo(
                        """
                        ok       dns                h: 192.0.2.1
                        skipped  cors               give --origin
                        Nothing is wrong, as far as it was checked.
                        """);
        assertThat(report.json())
                .isEqualTo(
                        "{\"ok\":true,\"findings\":[],\"passed\":[{\"check\":\"dns\",\"detail\":\"h:"
                            + " 192.0.2.1\"}],\"unchecked\":[{\"check\":\"cors\",\"detail\":\"give"
                            + " --origin\"}]}");
    }

    @Test
    void saysWhatIsWrongAndHowToMendIt() {
        report.found("buffering", "it comes in clumps", "turn it off");

        assertThat(report.ok()).isFalse();
        assertThat(report.text(false))
                .isEqualTo(
                        """
                        FOUND    buffering          it comes in clumps. Fix: turn it off
                        1 finding.
                        """);
        assertThat(report.json())
                .isEqualTo(
                        "{\"ok\":false,\"findings\":[{\"code\":\"buffering\","
                                + "\"detail\":\"it comes in clumps\",\"fix\":\"turn it off\"}],"
                                + "\"passed\":[],\"unchecked\":[]}");
    }

    @Test
    void paintsOnlyItsOwnWords() {
        report.found("redirect", "to \u001b[2Jhttp://h\n", "x");

        assertThat(report.text(true))
                .startsWith("\u001b[31mFOUND   \u001b[0m redirect")
                .contains("to ?[2Jhttp://h?.");
    }
}
