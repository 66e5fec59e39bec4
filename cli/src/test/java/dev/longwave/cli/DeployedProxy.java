package dev.longwave.cli;

import dev.longwave.broker.testing.RequiredProgram;
import dev.longwave.broker.testing.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A proxy with its configuration in {@code deploy/proxies}, of which only the ports are others, and
 * which is completed by what an installation has in other files.
 */
final class DeployedProxy implements AutoCloseable {

    private static final Path CONFIGURATIONS = Path.of("../deploy/proxies");

    private final ServerProcess process;

    /** The proxies. */
    enum Program {
        NGINX("nginx.conf"),
        HAPROXY("haproxy.cfg"),
        CADDY("Caddyfile"),
        APACHE("apache.conf"),
        VARNISH("varnish.vcl"),
        SQUID("squid.conf");

        private final String file;

        Program(String file) {
            this.file = file;
        }
    }

    private DeployedProxy(ServerProcess process) {
        this.process = process;
    }

    /** Starts it in front of a server, and waits until it listens. */
    static DeployedProxy start(Program program, int server) throws IOException {
        Path binary =
                switch (program) {
                    case NGINX -> RequiredProgram.find("nginx");
                    case HAPROXY -> RequiredProgram.find("haproxy");
                    case CADDY -> RequiredProgram.find("caddy");
                    case APACHE -> RequiredProgram.find("apache2", "httpd");
                    case VARNISH -> RequiredProgram.find("varnishd");
                    case SQUID -> RequiredProgram.find("squid");
                };
        var process = ServerProcess.prepare(program.file);
        Path file = process.directory().resolve(program.file);
        Files.writeString(
                file,
                Files.readString(CONFIGURATIONS.resolve(program.file))
                        .replace("8080", Integer.toString(server))
                        .replace("8081", Integer.toString(process.port())));
        var command = new ArrayList<>(List.of(binary.toString()));
        command.addAll(arguments(program, process, file));
        if (program == Program.CADDY) {
            command.addAll(0, List.of("/usr/bin/env", "HOME=" + process.directory()));
        }
        process.start(command);
        return new DeployedProxy(process);
    }

    private static List<String> arguments(Program program, ServerProcess process, Path file)
            throws IOException {
        Path directory = process.directory();
        return switch (program) {
            case NGINX -> List.of("-p", directory + "/", "-e", "stderr", "-c", nginx(file));
            case HAPROXY -> List.of("-db", "-f", file.toString());
            case CADDY -> {
                write(file, "{\n\tadmin off\n\tauto_https off\n}\n" + Files.readString(file));
                yield List.of("run", "--adapter", "caddyfile", "--config", file.toString());
            }
            case APACHE ->
                    List.of("-d", directory.toString(), "-f", apache(file), "-D", "FOREGROUND");
            case VARNISH ->
                    List.of(
                            "-F",
                            "-j",
                            "none",
                            "-a",
                            "127.0.0.1:" + process.port(),
                            "-f",
                            file.toString(),
                            "-n",
                            directory.resolve("work").toString(),
                            "-s",
                            "malloc,16m");
            case SQUID -> List.of("-N", "-f", squid(file));
        };
    }

    private static String nginx(Path file) throws IOException {
        return write(
                file.resolveSibling("main.conf"),
                """
                daemon off;
                master_process off;
                pid nginx.pid;
                error_log stderr;
                events {}
                http {
                    access_log off;
                    client_body_temp_path client-body;
                    proxy_temp_path proxy;
                    fastcgi_temp_path fastcgi;
                    uwsgi_temp_path uwsgi;
                    scgi_temp_path scgi;
                    include %s;
                }
                """
                        .formatted(file));
    }

    private static String apache(Path file) throws IOException {
        return write(
                file.resolveSibling("main.conf"),
                """
                ServerName localhost
                DefaultRuntimeDir .
                PidFile apache.pid
                ErrorLog error.log
                User nobody
                Group nogroup
                LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
                LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
                LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
                LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
                Include %s
                """
                        .formatted(file));
    }

    private static String squid(Path file) throws IOException {
        return write(
                file.resolveSibling("main.conf"),
                """
                include %s
                visible_hostname localhost
                pid_filename none
                access_log none
                cache_log /dev/null
                coredump_dir none
                netdb_filename none
                pinger_enable off
                memory_cache_shared off
                cache_mem 4 MB
                shutdown_lifetime 0 seconds
                max_filedescriptors 1024
                """
                        .formatted(file));
    }

    private static String write(Path file, String text) throws IOException {
        return Files.writeString(file, text).toString();
    }

    int port() {
        return process.port();
    }

    @Override
    public void close() {
        process.close();
    }
}
