package dev.longwave.server;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.longwave.broker.Broker;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The arrows between the modules, and between the packages of the server. */
final class ArchitectureTest {
    /*
     * Each rule holds for two trees: dev.longwave, which must keep it, and a fixture with the same layout that
     * breaks every one. The second shows that a rule sees something: one with a misspelled package would
     * keep silent for ever.
     */
    private static final List<String> ROOTS =
            List.of("dev.longwave", "dev.longwave.architecture.fixture");

    private static final JavaClasses PRODUCTION =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("dev.longwave");
    private static final JavaClasses FIXTURE =
            new ClassFileImporter().importPackages("dev.longwave.architecture.fixture");

    private static final String[] JDK = {"java.."};
    private static final String[] ANNOTATIONS = {"org.jspecify.annotations.."};
    private static final String[] HELIDON = {"io.helidon.."};

    private static final String[] SPI = in("broker");
    private static final String[] BROKERS = in("broker.*..");
    private static final String[] CORE = in("core..");
    private static final String[] SERVER = in("server..");
    private static final String[] SSE = in("server.sse..");
    private static final String[] WS = in("server.ws..");
    private static final String[] CONFIG = in("server.config..");
    private static final String[] CLI = in("server.cli..");
    private static final String[] DEMO = in("server.demo..");

    static Stream<ArchRule> rules() {
        return Stream.of(
                        classes()
                                .that()
                                .resideInAnyPackage(SPI)
                                .should()
                                .onlyDependOnClassesThat()
                                .resideInAnyPackage(union(SPI, JDK, ANNOTATIONS))
                                .as("the broker SPI knows nobody"),
                        classes()
                                .that()
                                .resideInAnyPackage(CORE)
                                .should()
                                .onlyDependOnClassesThat()
                                .resideInAnyPackage(union(CORE, SPI, JDK, ANNOTATIONS))
                                .as("the core knows the broker SPI and nobody else"),
                        noClasses()
                                .that()
                                .resideInAnyPackage(BROKERS)
                                .should()
                                .dependOnClassesThat()
                                .resideInAnyPackage(union(CORE, SERVER, HELIDON))
                                .as("a broker knows neither the core nor the server"),
                        slices().matching("..broker.(*)..")
                                .should()
                                .notDependOnEachOther()
                                .as("a broker does not know another one"),
                        noClasses()
                                .that()
                                .resideInAnyPackage(SERVER)
                                .should()
                                .dependOnClassesThat()
                                .resideInAnyPackage(BROKERS)
                                .as("the server finds brokers at run time"),
                        noClasses()
                                .that(not(resideInAnyPackage(SERVER)))
                                .should()
                                .dependOnClassesThat()
                                .resideInAnyPackage(SERVER)
                                .as("nobody knows the server"),
                        slices().matching("..server.(*)..")
                                .should()
                                .beFreeOfCycles()
                                .as("the packages of the server form no cycle"),
                        noClasses()
                                .that()
                                .resideInAnyPackage(SSE)
                                .should()
                                .dependOnClassesThat()
                                .resideInAnyPackage(WS)
                                .as("Server-Sent Events do not know WebSockets"),
                        noClasses()
                                .that()
                                .resideInAnyPackage(WS)
                                .should()
                                .dependOnClassesThat()
                                .resideInAnyPackage(SSE)
                                .as("WebSockets do not know Server-Sent Events"),
                        noClasses()
                                .that()
                                .resideInAnyPackage(CONFIG)
                                .should()
                                .dependOnClassesThat(
                                        resideInAnyPackage(SERVER)
                                                .and(not(resideInAnyPackage(CONFIG))))
                                .as("the configuration knows no other package of the server"),
                        noClasses()
                                .that(not(resideInAnyPackage(CLI)))
                                .should()
                                .dependOnClassesThat()
                                .resideInAnyPackage(CLI)
                                .as(
                                        "nobody knows the command line, which puts the server"
                                                + " together"),
                        noClasses()
                                .that(not(resideInAnyPackage(union(CLI, DEMO))))
                                .should()
                                .dependOnClassesThat()
                                .resideInAnyPackage(DEMO)
                                .as("only the command line knows the demo"))
                .map(rule -> rule.allowEmptyShould(true));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void keeps(ArchRule rule) {
        rule.check(PRODUCTION);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void reportsWhoBreaks(ArchRule rule) {
        assertThat(rule.evaluate(FIXTURE).hasViolation()).isTrue();
    }

    @Test
    void seesTheOtherModulesAndNoTests() {
        assertThat(PRODUCTION.contain(Broker.class)).isTrue();
        assertThat(PRODUCTION.contain(ArchitectureTest.class)).isFalse();
    }

    private static String[] in(String packages) {
        return ROOTS.stream().map(root -> root + '.' + packages).toArray(String[]::new);
    }

    private static String[] union(String[]... packages) {
        return Stream.of(packages).flatMap(Stream::of).toArray(String[]::new);
    }
}
