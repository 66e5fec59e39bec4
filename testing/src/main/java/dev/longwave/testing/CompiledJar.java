package dev.longwave.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** A jar with classes that are on no class path, compiled for a test. Needs a JDK. */
public final class CompiledJar {

    private final Map<String, String> sources = new LinkedHashMap<>();
    private final Map<String, String> resources = new LinkedHashMap<>();
    private final List<String> without = new ArrayList<>();
    private String classPath = System.getProperty("java.class.path");

    /** Adds a class, {@code example.Tape}, to the jar. */
    public CompiledJar source(String className, String source) {
        sources.put(className, source);
        return this;
    }

    /** Leaves a class out of the jar, although others are compiled against it. */
    public CompiledJar without(String className) {
        without.add(className.replace('.', '/') + ".class");
        return this;
    }

    /** Adds a file to the jar, such as {@code META-INF/services/example.Service}. */
    public CompiledJar resource(String name, String content) {
        resources.put(name, content);
        return this;
    }

    /** Compiles against {@code jars} alone, rather than against the class path of the test. */
    public CompiledJar against(Path... jars) {
        classPath = String.join(":", Stream.of(jars).map(Path::toString).toList());
        return this;
    }

    /** {@return the jar, which it writes, and the folders that it is in} */
    public Path write(Path jar) throws IOException {
        Files.createDirectories(jar.toAbsolutePath().getParent());
        Path work = Files.createTempDirectory("compiled-jar");
        try {
            Path classes = Files.createDirectory(work.resolve("classes"));
            compile(work, classes);
            pack(jar, classes);
        } finally {
            Directories.delete(work);
        }
        return jar;
    }

    private void compile(Path work, Path classes) throws IOException {
        var files = new ArrayList<Path>();
        for (Map.Entry<String, String> source : sources.entrySet()) {
            Path file = work.resolve(source.getKey().replace('.', '/') + ".java");
            Files.createDirectories(file.getParent());
            Files.writeString(file, source.getValue());
            files.add(file);
        }
        if (files.isEmpty()) {
            return;
        }
        var words = new StringWriter();
        var compiler = ToolProvider.getSystemJavaCompiler();
        var options = List.of("-proc:none", "-cp", classPath, "-d", classes.toString());
        try (var manager = compiler.getStandardFileManager(null, null, null)) {
            var units = manager.getJavaFileObjectsFromPaths(files);
            if (!compiler.getTask(words, manager, null, options, null, units).call()) {
                throw new IllegalArgumentException("cannot be compiled: " + words);
            }
        }
    }

    private void pack(Path jar, Path classes) throws IOException {
        var found = new TreeSet<Path>();
        try (Stream<Path> files = Files.walk(classes)) {
            files.filter(Files::isRegularFile).forEach(found::add);
        }
        try (OutputStream file = Files.newOutputStream(jar);
                var out = new JarOutputStream(file)) {
            for (Path each : found) {
                String name = classes.relativize(each).toString();
                if (!without.contains(name)) {
                    out.putNextEntry(new JarEntry(name));
                    out.write(Files.readAllBytes(each));
                }
            }
            for (Map.Entry<String, String> resource : resources.entrySet()) {
                out.putNextEntry(new JarEntry(resource.getKey()));
                out.write(resource.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }
    }
}
