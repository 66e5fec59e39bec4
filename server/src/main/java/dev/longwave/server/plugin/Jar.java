package dev.longwave.server.plugin;

import dev.longwave.broker.BrokerProvider;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a jar of a plugin contains.
 *
 * @param path the jar
 * @param packages the packages of its classes
 * @param hasServiceFile whether it has a service file for brokers
 * @param providers the classes that this file names
 */
record Jar(Path path, Set<String> packages, boolean hasServiceFile, List<String> providers) {

    static final String SERVICE_FILE = "META-INF/services/" + BrokerProvider.class.getName();

    static Jar read(Path path) throws IOException {
        try (var jar = new JarFile(path.toFile())) {
            Set<String> packages =
                    jar.stream()
                            .map(JarEntry::getName)
                            .filter(name ->
                                    name.endsWith(".class") && !name.startsWith("META-INF/"))
                            .map(name -> packageOf(name.replace('/', '.'), ".class".length()))
                            .collect(Collectors.toUnmodifiableSet());
            @Nullable JarEntry services = jar.getJarEntry(SERVICE_FILE);
            return services == null
                    ? new Jar(path, packages, false, List.of())
                    : new Jar(path, packages, true, names(jar, services));
        }
    }

    /** {@return the package of a class, empty for the unnamed one} */
    static String packageOf(String className) {
        return packageOf(className, 0);
    }

    private static String packageOf(String name, int suffix) {
        return name.substring(0, Math.max(0, name.lastIndexOf('.', name.length() - suffix - 1)));
    }

    private static List<String> names(JarFile jar, JarEntry services) throws IOException {
        try (var lines =
                new BufferedReader(
                        new InputStreamReader(
                                jar.getInputStream(services), StandardCharsets.UTF_8))) {
            return lines.lines()
                    .map(line -> line.replaceFirst("#.*", "").strip())
                    .filter(line -> !line.isEmpty())
                    .distinct()
                    .toList();
        }
    }

    /** {@return the name of its file} */
    String name() {
        return String.valueOf(path.getFileName());
    }
}
