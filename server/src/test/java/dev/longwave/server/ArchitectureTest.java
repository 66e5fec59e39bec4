package dev.longwave.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The arrows point as they are drawn; and the rules notice when one is turned round. */
final class ArchitectureTest {

    @Test
    void arrowsPointAsTheyAreDrawn() {
        JavaClasses classes =
                new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("dev.longwave");

        assertThat(classes.size()).isGreaterThan(100);
        Arrows.below("dev.longwave").forEach(rule -> rule.check(classes));
    }

    @Test
    void noticesArrowsThatAreTurnedRound() {
        JavaClasses wrong = new ClassFileImporter().importPackages("dev.longwave.fixture");

        List<String> violations =
                Arrows.below("dev.longwave.fixture").stream()
                        .map(rule -> rule.evaluate(wrong))
                        .filter(result -> result.hasViolation())
                        .map(result -> result.getFailureReport().toString())
                        .toList();

        assertThat(violations)
                .anyMatch(report -> report.contains("CoreThatKnowsTheServer"))
                .anyMatch(report -> report.contains("BrokerThatKnowsTheCore"))
                .anyMatch(report -> report.contains("TransportThatKnowsAnother"));
    }
}
