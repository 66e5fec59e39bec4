package dev.longwave.architecture;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvent;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The modules, the rooms of the server, and what each may know besides the JDK. See
 * docs/architecture.md.
 *
 * <p>A room can only name rooms above it, so there are no cycles.
 */
@SuppressWarnings("ImmutableEnumChecker") // its lists and sets are copies
enum Room {
    WATCHDOG(at("dev.longwave.watchdog"), rooms(), null),
    SPI(at("dev.longwave.broker", "dev.longwave.broker.feed"), rooms(), libraries()),
    TESTING(at("dev.longwave.testing", "dev.longwave.broker.testing"), rooms(SPI), null),
    CORE(at("dev.longwave.core"), rooms(SPI), libraries()),

    MEMORY_BROKER(at("dev.longwave.broker.memory"), rooms(SPI), libraries()),
    NATS_BROKER(at("dev.longwave.broker.nats"), rooms(SPI), libraries(Library.NATS)),
    POSTGRES_BROKER(
            at("dev.longwave.broker.postgres"),
            rooms(SPI),
            libraries(Library.POSTGRESQL, Library.HIKARI)),
    REDIS_BROKER(at("dev.longwave.broker.redis"), rooms(SPI), libraries(Library.JEDIS)),

    TOKENS(at("dev.longwave.token"), rooms(), libraries(Library.NIMBUS)),

    CONFIG(at("dev.longwave.server.config"), rooms(SPI), libraries(Library.SNAKE_YAML)),
    NET(at("dev.longwave.server.net"), rooms(), libraries()),
    NET_HELIDON(
            at("dev.longwave.server.net.helidon"),
            rooms(NET),
            libraries(
                    Library.HELIDON_HANDLERS,
                    Library.HELIDON_WEB_SERVER,
                    Library.HELIDON_ENGINES,
                    Library.NETTY)),
    SESSION(at("dev.longwave.server.session"), rooms(SPI, CORE, NET), libraries()),
    HTTP(
            at("dev.longwave.server.http"),
            rooms(SPI, CORE, NET, NET_HELIDON),
            libraries(Library.HELIDON_HANDLERS, Library.JACKSON)),
    AUTH(
            at("dev.longwave.server.auth"),
            rooms(SPI, CORE, CONFIG, SESSION, HTTP, TOKENS),
            libraries(Library.HELIDON_HANDLERS, Library.JACKSON)),
    PRESENCE(
            at("dev.longwave.server.presence"),
            rooms(SPI, CORE, HTTP, AUTH),
            libraries(Library.HELIDON_HANDLERS, Library.JACKSON)),
    HOOKS(
            at("dev.longwave.server.hooks"),
            rooms(SPI, TOKENS, HTTP, PRESENCE),
            libraries(Library.JACKSON)),
    PUBLISH(
            at("dev.longwave.server.publish"),
            rooms(SPI, CORE, NET, NET_HELIDON, HTTP, AUTH, HOOKS),
            libraries(Library.HELIDON_HANDLERS, Library.JACKSON)),
    SSE(
            at("dev.longwave.server.sse"),
            rooms(SPI, CORE, NET, NET_HELIDON, SESSION, HTTP, AUTH),
            libraries(Library.HELIDON_HANDLERS)),
    POLL(
            at("dev.longwave.server.poll"),
            rooms(SPI, CORE, NET, SESSION, HTTP, AUTH),
            libraries(Library.HELIDON_HANDLERS, Library.JACKSON)),
    WS(
            at("dev.longwave.server.ws"),
            rooms(SPI, CORE, NET, NET_HELIDON, SESSION, HTTP, AUTH, PUBLISH),
            libraries(Library.HELIDON_HANDLERS, Library.JACKSON)),
    CENTRIFUGE(
            at("dev.longwave.server.centrifuge"),
            rooms(SPI, CORE, NET, NET_HELIDON, SESSION, HTTP, AUTH, PRESENCE, PUBLISH, WS),
            libraries(Library.HELIDON_HANDLERS)),
    OPS(
            at("dev.longwave.server.ops"),
            rooms(SPI, CORE, NET, NET_HELIDON, SESSION, HTTP),
            libraries(
                    Library.HELIDON_HANDLERS,
                    Library.HELIDON_WEB_SERVER,
                    Library.JACKSON,
                    Library.PROMETHEUS)),
    TRACING(
            at("dev.longwave.server.tracing"),
            rooms(SPI, HTTP, OPS),
            libraries(Library.HELIDON_HANDLERS, Library.OPEN_TELEMETRY)),
    EXPLAIN(
            at("dev.longwave.server.explain"),
            rooms(SPI, CORE, SESSION, HTTP, AUTH),
            libraries(Library.HELIDON_HANDLERS, Library.JACKSON)),
    CONSOLE(at("dev.longwave.server.console"), rooms(HTTP), libraries(Library.HELIDON_HANDLERS)),
    PLUGIN(at("dev.longwave.server.plugin"), rooms(SPI), libraries()),
    SERVER(
            at("dev.longwave.server"),
            rooms(
                    SPI,
                    CORE,
                    TOKENS,
                    CONFIG,
                    NET,
                    NET_HELIDON,
                    SESSION,
                    HTTP,
                    AUTH,
                    PRESENCE,
                    HOOKS,
                    PUBLISH,
                    SSE,
                    POLL,
                    WS,
                    CENTRIFUGE,
                    OPS,
                    TRACING,
                    EXPLAIN,
                    CONSOLE,
                    PLUGIN),
            libraries(Library.HELIDON_HANDLERS)),

    DEMO(at("dev.longwave.cli.demo"), rooms(), libraries(Library.JACKSON)),
    /** It starts servers of its own. */
    TRAINING(at("dev.longwave.cli.Training"), rooms(SPI, SERVER), libraries()),
    /** The one command that knows the server; and the commands know each other. */
    SERVE_COMMAND(
            at("dev.longwave.cli.ServeCommand"),
            rooms(SPI, CONFIG, SERVER, DEMO),
            libraries(Library.PICOCLI)),
    /** Of the server, it knows only how brokers are found. */
    BROKERS_COMMAND(
            at("dev.longwave.cli.BrokersCommand"), rooms(SPI, PLUGIN), libraries(Library.PICOCLI)),
    CLI(
            at("dev.longwave.cli"),
            rooms(SPI, DEMO, TOKENS, TRAINING, SERVE_COMMAND, BROKERS_COMMAND),
            libraries(Library.JACKSON, Library.PICOCLI));

    /** The module that adds to packages of others. */
    private static final String[] TESTING_FOLDERS = {"/testing/target/", "/longwave-testing-"};

    private final List<String> places;
    private final Set<Room> rooms;
    private final @Nullable Set<Library> libraries;

    /**
     * @param places packages, or a class
     * @param rooms the other rooms that it may know
     * @param libraries the libraries that it may know; null for any
     */
    Room(List<String> places, Set<Room> rooms, @Nullable Set<Library> libraries) {
        this.places = places;
        this.rooms = rooms;
        this.libraries = libraries;
    }

    private static List<String> at(String... places) {
        return List.of(places);
    }

    private static Set<Room> rooms(Room... rooms) {
        return Set.of(rooms);
    }

    private static Set<Library> libraries(Library... libraries) {
        return Set.of(libraries);
    }

    /** The room that {@code type} is in, if it is one of ours. */
    static Optional<Room> of(JavaClass type) {
        if (isInTesting(type)) {
            return Optional.of(TESTING);
        }
        Optional<Room> byClass = in(outermost(type));
        return byClass.isPresent() ? byClass : in(type.getPackageName());
    }

    private static Optional<Room> in(String place) {
        return Arrays.stream(values()).filter(room -> room.places.contains(place)).findAny();
    }

    private static String outermost(JavaClass type) {
        int nested = type.getName().indexOf('$');
        return nested < 0 ? type.getName() : type.getName().substring(0, nested);
    }

    private static boolean isInTesting(JavaClass type) {
        String location = type.getSource().map(source -> source.getUri().toString()).orElse("");
        return Arrays.stream(TESTING_FOLDERS).anyMatch(location::contains);
    }

    boolean mayKnow(Room other) {
        return other == this || rooms.contains(other) || (isCommand() && other == CLI);
    }

    boolean mayKnow(Library library) {
        return libraries == null || libraries.contains(library);
    }

    /** The name of a class in it, which need not exist. */
    String example(String name) {
        String place = places.getFirst();
        return place + (isCommand() ? '$' : '.') + name;
    }

    /** Whether it is one class. */
    private boolean isCommand() {
        return this == TRAINING || this == SERVE_COMMAND || this == BROKERS_COMMAND;
    }

    /** That it knows nothing else. */
    ArchRule rule() {
        return ArchRuleDefinition.classes()
                .should(
                        new ArchCondition<>("know what " + this + " may know") {
                            @Override
                            public void check(JavaClass type, ConditionEvents events) {
                                if (of(type).filter(Room.this::equals).isPresent()) {
                                    type.getDirectDependenciesFromSelf().stream()
                                            .filter(dependency -> !isAllowed(dependency))
                                            .map(Room::violation)
                                            .forEach(events::add);
                                }
                            }
                        });
    }

    private static ConditionEvent violation(Dependency dependency) {
        return SimpleConditionEvent.violated(dependency, dependency.getDescription());
    }

    private boolean isAllowed(Dependency dependency) {
        JavaClass known = dependency.getTargetClass().getBaseComponentType();
        if (known.isPrimitive() || isForAll(known)) {
            return true;
        }
        Optional<Room> room = of(known);
        if (room.isPresent()) {
            return mayKnow(room.get());
        }
        return libraries == null
                || Arrays.stream(Library.values())
                        .filter(library -> library.has(known))
                        .findFirst()
                        .filter(this::mayKnow)
                        .isPresent();
    }

    private static boolean isForAll(JavaClass known) {
        String in = known.getPackageName();
        return in.startsWith("java.")
                || in.startsWith("javax.")
                || in.equals("org.jspecify.annotations");
    }
}
