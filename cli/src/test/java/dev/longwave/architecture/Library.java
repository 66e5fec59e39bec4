package dev.longwave.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import java.util.List;

/** Libraries that only some rooms may know. The JDK and JSpecify are for all. */
@SuppressWarnings("ImmutableEnumChecker") // its list is a copy
enum Library {
    /** What handlers of requests see of Helidon. */
    HELIDON_HANDLERS(
            "io.helidon.http",
            "io.helidon.http.media",
            "io.helidon.webserver.http",
            "io.helidon.common.context",
            "io.helidon.common.mapper",
            "io.helidon.common.media.type",
            "io.helidon.common.parameters",
            "io.helidon.common.socket.PeerInfo",
            "io.helidon.common.uri"),
    /** Helidon's own listener, with its settings and its event streams. */
    HELIDON_WEB_SERVER(
            "io.helidon.webserver.sse",
            "io.helidon.http.sse",
            "io.helidon.webserver.CloseConnectionException",
            "io.helidon.webserver.WebServer",
            "io.helidon.webserver.WebServerConfig",
            "io.helidon.webserver.http1.Http1Config",
            "io.helidon.common.socket.SocketOptions"),
    /** All the rest of Helidon. */
    HELIDON_ENGINES("io.helidon.."),
    HIKARI("com.zaxxer.hikari.."),
    JACKSON("com.fasterxml.jackson.."),
    JEDIS("redis.clients.."),
    NATS("io.nats.."),
    NETTY("io.netty.."),
    NIMBUS("com.nimbusds.."),
    OPEN_TELEMETRY("io.opentelemetry.."),
    PICOCLI("picocli.."),
    POSTGRESQL("org.postgresql.."),
    PROMETHEUS("io.prometheus.metrics.."),
    SNAKE_YAML("org.yaml.snakeyaml..");

    private final List<String> names;

    /**
     * @param names packages, with {@code ..} if those below them are included, or classes; the
     *     first library that has a class is the one it belongs to
     */
    Library(String... names) {
        this.names = List.of(names);
    }

    boolean has(JavaClass type) {
        return names.stream().anyMatch(name -> has(type, name));
    }

    private static boolean has(JavaClass type, String name) {
        if (name.endsWith("..")) {
            return (type.getPackageName() + '.').startsWith(name.substring(0, name.length() - 1));
        }
        return type.getPackageName().equals(name)
                || type.getName().equals(name)
                || type.getName().startsWith(name + '$');
    }

    /** The name of a class that belongs to it, which need not exist. */
    String example() {
        String first = names.getFirst();
        return first.endsWith("..")
                ? first.substring(0, first.length() - 1) + "Any"
                : first + ".Any";
    }
}
