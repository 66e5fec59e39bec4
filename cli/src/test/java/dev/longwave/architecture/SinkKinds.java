package dev.longwave.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvent;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import dev.longwave.core.Batch;
import dev.longwave.core.DirectWriter;
import dev.longwave.server.net.Endpoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.TypeCheckInstruction;
import java.lang.constant.ClassDesc;
import java.lang.reflect.AccessFlag;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * That the engine and the transports do not ask which kind of sink, endpoint or batch they have: no
 * {@code instanceof}, no cast, no pattern of a {@code switch}. Read from the class files, as
 * ArchUnit does not know all of these.
 */
final class SinkKinds {

    static final Set<Room> ROOMS = Set.of(Room.CORE, Room.SESSION, Room.SSE);

    /** A sink is a direct writer. */
    private static final List<Class<?>> KINDS =
            List.of(DirectWriter.class, Endpoint.class, Batch.class);

    private SinkKinds() {}

    static ArchRule rule() {
        return ArchRuleDefinition.classes()
                .should(
                        new ArchCondition<>("not ask which kind of sink they have") {
                            @Override
                            public void check(JavaClass type, ConditionEvents events) {
                                if (Room.of(type).filter(ROOMS::contains).isPresent()) {
                                    asked(type).forEach(kind -> events.add(violation(type, kind)));
                                }
                            }
                        });
    }

    private static ConditionEvent violation(JavaClass type, ClassDesc kind) {
        return SimpleConditionEvent.violated(
                type, type.getName() + " asks for " + kind.displayName());
    }

    private static Stream<ClassDesc> asked(JavaClass type) {
        return parsed(type).methods().stream()
                // A bridge casts what generic code hands it.
                .filter(method -> !method.flags().has(AccessFlag.BRIDGE))
                .flatMap(SinkKinds::asked)
                .filter(SinkKinds::isKind);
    }

    private static ClassModel parsed(JavaClass type) {
        try (InputStream bytes = type.getSource().orElseThrow().getUri().toURL().openStream()) {
            return ClassFile.of().parse(bytes.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<ClassDesc> asked(MethodModel method) {
        return method.code().stream()
                .flatMap(code -> code.elementStream())
                .flatMap(SinkKinds::asked);
    }

    private static Stream<ClassDesc> asked(CodeElement element) {
        return switch (element) {
            case TypeCheckInstruction check -> Stream.of(check.type().asSymbol());
            case InvokeDynamicInstruction dynamic when isSwitch(dynamic) ->
                    dynamic.bootstrapArgs().stream()
                            .filter(ClassDesc.class::isInstance)
                            .map(ClassDesc.class::cast);
            default -> Stream.of();
        };
    }

    private static boolean isSwitch(InvokeDynamicInstruction dynamic) {
        return dynamic.bootstrapMethod()
                .owner()
                .descriptorString()
                .equals("Ljava/lang/runtime/SwitchBootstraps;");
    }

    private static boolean isKind(ClassDesc asked) {
        if (!asked.isClassOrInterface()) {
            return false;
        }
        try {
            String name = asked.packageName() + '.' + asked.displayName();
            Class<?> type = Class.forName(name, false, SinkKinds.class.getClassLoader());
            return KINDS.stream().anyMatch(kind -> kind.isAssignableFrom(type));
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }
}
