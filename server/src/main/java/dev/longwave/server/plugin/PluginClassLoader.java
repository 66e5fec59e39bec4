package dev.longwave.server.plugin;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Loads the classes of one plugin folder: the folder's own libraries go before the server's. It is
 * never closed, since a broker may load classes for as long as the server runs.
 */
final class PluginClassLoader extends URLClassLoader {
    /*
     * A class comes from the JDK, else from the folder, else from the server. Two exceptions keep the parts fitting:
     *
     * - The SPI and JSpecify come from the server even if a copy of them is in the folder, as the server could not
     *   call a broker that implements another SPI.
     * - Where the folder has one class of a package, the server's classes of that package are out of sight, and so
     *   are its services for an interface in it. A library that looks for its newer half, or for its implementation,
     *   would otherwise find that of another version.
     *
     * docs/adr/0029.
     */
    private static final List<String> SHARED =
            List.of("dev.longwave.broker.", "org.jspecify.annotations.");
    private static final String SERVICES = "META-INF/services/";

    static {
        var _ = registerAsParallelCapable();
    }

    private final ClassLoader server;
    private final Set<String> packages;

    PluginClassLoader(String name, Collection<Jar> jars, ClassLoader server) {
        super(
                name,
                jars.stream().map(PluginClassLoader::url).toArray(URL[]::new),
                ClassLoader.getPlatformClassLoader());
        this.server = server;
        this.packages =
                jars.stream()
                        .flatMap(jar -> jar.packages().stream())
                        .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (isShared(name) || !isOwn(name)) {
            try {
                return server.loadClass(name);
            } catch (ClassNotFoundException _) {
                // A jar that another one names in its manifest, or a broker in a package of ours.
            }
        }
        return super.loadClass(name, resolve);
    }

    @Override
    public @Nullable URL getResource(String name) {
        URL own = super.getResource(name);
        return own != null || isOwnService(name) ? own : server.getResource(name);
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
        if (isOwnService(name)) {
            return super.getResources(name);
        }
        var found = new ArrayList<>(Collections.list(findResources(name)));
        found.addAll(Collections.list(server.getResources(name)));
        return Collections.enumeration(found);
    }

    private boolean isOwnService(String resource) {
        return resource.startsWith(SERVICES) && isOwn(resource.substring(SERVICES.length()));
    }

    private boolean isOwn(String className) {
        return packages.contains(Jar.packageOf(className)) && !isShared(className);
    }

    private static boolean isShared(String className) {
        return SHARED.stream().anyMatch(className::startsWith);
    }

    private static URL url(Jar jar) {
        try {
            return jar.path().toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalStateException("the path of a jar is no URL jar=" + jar.path(), e);
        }
    }
}
