package dev.longwave.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.DynamicCallSiteDesc;
import java.lang.constant.MethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The arrows point as they are drawn; and each rule reports each arrow that is turned round, in
 * classes that are made for that.
 */
final class ArchitectureTest {

    private static final JavaClasses OURS =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("dev.longwave");

    private static final ClassDesc SINK = ClassDesc.of("dev.longwave.server.sse.SseSink");
    private static final MethodTypeDesc QUESTION =
            MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_Object);

    @TempDir private Path folder;

    /** So that a new module or room gets its arrows. */
    @Test
    void everyClassIsInARoom() {
        assertThat(OURS.stream().filter(type -> Room.of(type).isEmpty()).map(JavaClass::getName))
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void noRoomIsEmpty(Room room) {
        assertThat(OURS).anyMatch(type -> Room.of(type).filter(room::equals).isPresent());
    }

    @ParameterizedTest
    @EnumSource
    void knowsOnlyWhatItMay(Room room) {
        room.rule().check(OURS);
    }

    @ParameterizedTest
    @EnumSource
    void reportsEachArrowThatIsTurnedRound(Room room) throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Room other : EnumSet.complementOf(EnumSet.of(room))) {
            String name = write(room, "Knows_" + other, other.example("Target"));
            if (!room.mayKnow(other)) {
                wrong.add(name);
            }
        }
        for (Library library : Library.values()) {
            String name = write(room, "Knows_" + library, library.example());
            if (!room.mayKnow(library)) {
                wrong.add(name);
            }
        }

        assertThat(reported(room.rule())).containsExactlyInAnyOrderElementsOf(wrong);
        assertThat(wrong).isNotEmpty();
    }

    @Test
    void reportsALibraryThatNobodyNamed() throws IOException {
        String name = write(Room.SSE, "KnowsMore", "org.example.Any");

        assertThat(reported(Room.SSE.rule())).containsExactly(name);
    }

    @Test
    void nobodyAsksWhichKindOfSinkItHas() {
        SinkKinds.rule().check(OURS);
    }

    @Test
    void reportsEachWayToAsk() throws IOException {
        Map<String, Consumer<CodeBuilder>> ways =
                Map.of(
                        "Instanceof", code -> code.instanceOf(SINK),
                        "Cast", code -> code.checkcast(SINK),
                        "Switch", code -> code.iconst_0().invokedynamic(switchOver(SINK)));
        List<String> wrong = new ArrayList<>();
        for (Room room : Room.values()) {
            for (var way : ways.entrySet()) {
                String name = room.example(way.getKey());
                write(room, name, type -> question(type, way.getValue()));
                if (SinkKinds.ROOMS.contains(room)) {
                    wrong.add(name);
                }
            }
        }

        assertThat(reported(SinkKinds.rule())).containsExactlyInAnyOrderElementsOf(wrong);
        assertThat(wrong).hasSize(9);
    }

    private static void question(ClassBuilder type, Consumer<CodeBuilder> asking) {
        type.withMethodBody(
                "ask",
                QUESTION,
                ClassFile.ACC_STATIC,
                code -> {
                    asking.accept(code.aload(0));
                    code.pop().return_();
                });
    }

    private static DynamicCallSiteDesc switchOver(ClassDesc kind) {
        var bootstrap =
                MethodHandleDesc.ofMethod(
                        DirectMethodHandleDesc.Kind.STATIC,
                        ClassDesc.of("java.lang.runtime.SwitchBootstraps"),
                        "typeSwitch",
                        MethodTypeDesc.ofDescriptor(
                                "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;"
                                        + "Ljava/lang/invoke/MethodType;[Ljava/lang/Object;)"
                                        + "Ljava/lang/invoke/CallSite;"));
        return DynamicCallSiteDesc.of(
                bootstrap,
                "typeSwitch",
                MethodTypeDesc.of(
                        ConstantDescs.CD_int, ConstantDescs.CD_Object, ConstantDescs.CD_int),
                kind);
    }

    /** Writes a class of {@code room} that knows {@code target}, and returns its name. */
    private String write(Room room, String simpleName, String target) throws IOException {
        String name = room.example(simpleName);
        write(
                room,
                name,
                type -> type.withField("known", ClassDesc.of(target), ClassFile.ACC_PRIVATE));
        return name;
    }

    private void write(Room room, String name, Consumer<ClassBuilder> content) throws IOException {
        String module = room == Room.TESTING ? "testing" : "other";
        Path file =
                folder.resolve(module)
                        .resolve("target/classes")
                        .resolve(name.replace('.', '/') + ".class");
        Files.createDirectories(file.getParent());
        ClassFile.of().buildTo(file, ClassDesc.of(name), content);
    }

    /** The written classes that {@code rule} reports. */
    private List<String> reported(ArchRule rule) {
        JavaClasses written = new ClassFileImporter().importPath(folder);
        String report = rule.evaluate(written).getFailureReport().toString();
        return written.stream()
                .map(JavaClass::getName)
                .filter(name ->
                        report.contains('<' + name + '.') || report.contains(name + " asks"))
                .toList();
    }
}
