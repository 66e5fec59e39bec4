package dev.longwave.cli;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Message;
import dev.longwave.broker.Settings;
import dev.longwave.cli.demo.DemoPublisher;
import dev.longwave.server.LongwaveServer;
import dev.longwave.server.ServerSettings;
import dev.longwave.server.config.ConfigSources;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code longwave serve}. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        versionProvider = Longwave.Version.class,
        header = "Run the server until it is stopped.",
        description = {
            "Reads settings from the file, then from the environment (LONGWAVE_SSE_RETRY is"
                + " sse.retry), then from the command line; a later value replaces an earlier one.",
            "When the server is ready, it prints Longwave is listening on http://127.0.0.1:8080 on"
                    + " standard output, and the address of the admin listener on a second line.",
            "With --config, it reads the settings again on SIGHUP, and applies those that can"
                    + " change while it runs; the log names the others."
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:Stopped by SIGTERM, after ending the open streams.",
            "1:The broker cannot be reached, not even within server.wait-for-broker.",
            "2:The settings, the command line, or a plugin are invalid, or the port is taken."
        },
        footer = {
            "",
            "Examples:",
            "  longwave serve --development",
            "  longwave serve --config conf/longwave.yaml --set sse.heartbeat-interval=PT10S"
        })
final class ServeCommand implements Callable<Integer> {

    /**
     * The server is open to everyone on this machine, and so must not be to the pages in their
     * browsers. The console shows the figures, and its dashboard shows the purpose of a lag policy;
     * its chat and cursors tell what nobody needs later.
     */
    private static final List<String> DEVELOPMENT_SETTINGS =
            List.of(
                    "server.loopback-names-only=true",
                    "admin.public-figures=true",
                    "topics.demo.pattern=demo/metrics",
                    "topics.demo.lag=latest",
                    "topics.demo.lag-per-key=true",
                    "topics.typing.pattern=typing/**",
                    "topics.typing.ephemeral=true",
                    "topics.cursors.pattern=cursors/**",
                    "topics.cursors.ephemeral=true");

    /** How long everything may take to close, beside the streams. */
    private static final Duration CLOSING = Duration.ofSeconds(20);

    private static final Pattern PLAIN_PORT = Pattern.compile("[0-9]{1,5}");

    private static final int TERMINATED = 143; // as the JVM does: 128 and SIGTERM

    private final Terminal terminal;

    @Option(
            names = "--development",
            description = "Publish demonstration data for the console at /.")
    private boolean development;

    @Option(
            names = "--demo",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "In development mode, whether to publish that data. Default: yes.")
    private boolean demo = true;

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "The port to listen on; short for --set server.port=N.")
    private @Nullable Integer port;

    @Option(
            names = "--tls",
            description = {
                "Speak HTTPS, with a certificate for localhost that is made at the start;"
                        + " short for --set tls.self-signed=true."
            })
    private boolean tls;

    @Option(names = "--config", paramLabel = "FILE", description = "A YAML file with settings.")
    private @Nullable Path config;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "A setting. May be repeated.")
    private List<String> set = new ArrayList<>();

    ServeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** What is on the command line. */
    record Options(
            boolean development,
            boolean demo,
            boolean tls,
            @Nullable Integer port,
            @Nullable Path config,
            List<String> set) {}

    Options options() {
        return new Options(development, demo, tls, port, config, List.copyOf(set));
    }

    /**
     * {@return the command with these options; empty if they are not as plain as in most starts, so
     * that picocli must look at them} Loading picocli takes a start a quarter of a second.
     *
     * @param arguments what follows {@code serve}
     */
    static Optional<ServeCommand> plain(Terminal terminal, List<String> arguments) {
        var command = new ServeCommand(terminal);
        for (Iterator<String> rest = arguments.iterator(); rest.hasNext(); ) {
            if (!command.read(rest.next(), rest)) {
                return Optional.empty();
            }
        }
        return Optional.of(command);
    }

    private boolean read(String option, Iterator<String> rest) {
        switch (option) {
            case "--development" -> development = true;
            case "--demo" -> demo = true;
            case "--no-demo" -> demo = false;
            case "--tls" -> tls = true;
            case "--port", "--config", "--set" -> {
                return rest.hasNext() && readValue(option, rest.next());
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean readValue(String option, String value) {
        char first = value.isEmpty() ? '-' : value.charAt(0);
        if (first != '/' && !Character.isLetterOrDigit(first)) {
            return false; // another option, or in quotes
        }
        switch (option) {
            case "--port" -> {
                if (port != null || !PLAIN_PORT.matcher(value).matches()) {
                    return false;
                }
                port = Integer.valueOf(value);
            }
            case "--config" -> {
                if (config != null) {
                    return false;
                }
                config = Path.of(value);
            }
            default -> set.add(value);
        }
        return true;
    }

    @Override
    public Integer call() throws InterruptedException {
        Logs.configure(false);
        LongwaveServer server;
        try {
            Logs.configure(ServerSettings.logsJson(settings()));
            server = LongwaveServer.start(this::settings, Home.plugins());
        } catch (BrokerConfigurationException e) {
            terminal.say(String.valueOf(e.getMessage()));
            return ExitCode.USAGE;
        } catch (BrokerUnavailableException e) {
            terminal.say(String.valueOf(e.getMessage()));
            return ExitCode.GAVE_UP;
        }
        var stop = new CountDownLatch(1);
        DemoPublisher publisher = development && demo ? demo(server) : null;
        Runtime.getRuntime()
                .addShutdownHook(
                        Thread.ofPlatform()
                                .name("longwave-shutdown")
                                .unstarted(() -> {
                                    if (publisher != null) {
                                        publisher.close();
                                    }
                                    server.close();
                                    stop.countDown();
                                }));
        // The JVM would exit with 143 otherwise, which a service manager may take for a failure.
        var _ = Signals.handle(Signals.TERMINATE, () -> terminate(stop));
        // Without a file there is nothing to read again, and SIGHUP ends the server, as when its
        // terminal closes.
        if (config != null) {
            var _ = Signals.handle(Signals.HANGUP, () -> reload(server));
        }
        System.out.println("Longwave is listening on " + server.url());
        System.out.println("The admin listener is on " + server.adminUrl());
        stop.await();
        endWithin(server.drainTimeout().plus(CLOSING));
        if (publisher != null) {
            publisher.close();
        }
        server.close();
        return ExitCode.DONE;
    }

    /** The second time, an operator does not want to wait any more. */
    private static void terminate(CountDownLatch stop) {
        if (stop.getCount() == 0) {
            Runtime.getRuntime().halt(TERMINATED);
        }
        stop.countDown();
    }

    /** A broker or a disk may hang, and the service manager would kill the process in the end. */
    private static void endWithin(Duration limit) {
        var _ =
                Thread.ofPlatform()
                        .daemon()
                        .name("longwave-stop-limit")
                        .start(() -> {
                            try {
                                Thread.sleep(limit);
                                Runtime.getRuntime().halt(TERMINATED);
                            } catch (InterruptedException _) {
                                // Nothing interrupts this thread.
                            }
                        });
    }

    private static void reload(LongwaveServer server) {
        try {
            server.reload();
        } catch (BrokerConfigurationException _) {
            // The log says so.
        }
    }

    private Settings settings() {
        var sources =
                new ConfigSources(
                        ServerSettings.reference().stream().map(Settings.Known::key).toList());
        if (development) {
            sources.assignments(DEVELOPMENT_SETTINGS);
        }
        if (config != null) {
            sources.file(config);
        }
        sources.environment(System.getenv()).assignments(set);
        if (port != null) {
            sources.assignments(List.of("server.port=" + port));
        }
        if (tls) {
            sources.assignments(List.of("tls.self-signed=true"));
        }
        return sources.settings();
    }

    private static DemoPublisher demo(LongwaveServer server) {
        return DemoPublisher.start((topic, type, key, data, end) ->
                server.publish(
                        topic,
                        Message.builder(data.getBytes(StandardCharsets.UTF_8))
                                .type(type)
                                .key(key)
                                .end(end)
                                .build()));
    }
}
