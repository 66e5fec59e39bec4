package dev.longwave.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;

/** The arrows that docs/architecture.md draws, as rules over the packages below {@code root}. */
final class Arrows {
    private Arrows() {}

    static List<ArchRule> below(String root) {
        String server = root + ".server";
        var rules = new ArrayList<ArchRule>();
        rules.add(
                noClasses()
                        .that()
                        .resideInAPackage(root + ".core..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage("io.helidon..", server + "..", root + ".broker.*..")
                        .because(
                                "the core knows neither Helidon, nor the server, nor any one"
                                        + " broker"));
        rules.add(
                noClasses()
                        .that()
                        .resideInAPackage(root + ".broker")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(
                                "io.helidon..",
                                root + ".core..",
                                server + "..",
                                root + ".broker.*..")
                        .because("what a broker is depends on nothing of ours"));
        rules.add(
                noClasses()
                        .that()
                        .resideInAPackage(root + ".broker.*..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage("io.helidon..", root + ".core..", server + "..")
                        .because("a broker never sees the core or the server"));
        rules.add(
                noClasses()
                        .that()
                        .resideInAPackage(server + "..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage(root + ".broker.*..")
                        .because("brokers are found at run time"));
        rules.add(
                noClasses()
                        .that()
                        .resideInAPackage(server + ".(*)..")
                        .and()
                        .resideOutsideOfPackage(server + ".cli..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage(server + ".cli..")
                        .because("the command line puts things together, and nothing needs it"));
        rules.add(
                classes()
                        .that()
                        .resideInAnyPackage(
                                server + ".config..", server + ".demo..", server + ".json..")
                        .should()
                        .onlyDependOnClassesThat()
                        .resideOutsideOfPackages(
                                server + ".sse..",
                                server + ".ws..",
                                server + ".http..",
                                server + ".wire..",
                                server + ".cli..")
                        .because("they know nothing of how events travel"));
        for (String transport : List.of("sse", "ws", "http")) {
            for (String other : List.of("sse", "ws", "http")) {
                if (!transport.equals(other)) {
                    rules.add(
                            noClasses()
                                    .that()
                                    .resideInAPackage(server + '.' + transport + "..")
                                    .should()
                                    .dependOnClassesThat()
                                    .resideInAPackage(server + '.' + other + "..")
                                    .because("the ways in and out do not know each other"));
                }
            }
        }
        rules.add(slices().matching(server + ".(*)..").should().beFreeOfCycles());
        return rules.stream().map(rule -> rule.allowEmptyShould(true)).toList();
    }
}
