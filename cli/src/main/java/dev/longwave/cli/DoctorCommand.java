package dev.longwave.cli;

import dev.longwave.broker.Durations;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** Finds out what is wrong between clients and a server. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        versionProvider = Longwave.Version.class,
        sortOptions = false,
        synopsisHeading = "%nUsage: ",
        descriptionHeading = "%n",
        header = "Find out what is wrong between clients and a server.",
        description = {
            "Connects to a deployed server as clients do, through everything in between, and"
                    + " reports what would break live streams, each with its fix: buffering,"
                    + " compression, time-outs, caches, missing headers, CORS, and more. It needs"
                    + " no credential, says what it could not check, and publishes nothing.%n"
        },
        parameterListHeading = "Parameters:%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:Nothing is wrong, as far as it was checked.",
            "1:Something is wrong.",
            "2:The server cannot be connected to, or the command line is invalid."
        },
        footer = {
            "",
            "Examples:",
            "  longwave doctor https://live.example.org",
            "  longwave doctor https://live.example.org --origin https://app.example.org --idle"
                    + " 120s",
            "  longwave doctor https://live.example.org --topic news --token-file token --json",
            "  longwave doctor https://example.org/any/event-stream",
            "  longwave doctor wss://live.example.org/ws/news"
        })
final class DoctorCommand implements Callable<Integer> {

    private static final int FINDINGS = 1;
    private static final int NOT_CONNECTED = 2;
    private static final Duration MAX_IDLE = Duration.ofMinutes(2);

    private final Terminal terminal;
    private final InstantSource clock;

    @Parameters(
            paramLabel = "URL",
            converter = DoctorTarget.Converter.class,
            description =
                    "A Longwave server, or one of its streams (…/events/news), or any event"
                            + " stream, or a WebSocket (ws or wss).")
    private @Nullable DoctorTarget target;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            converter = ServerOptions.SecretFile.class,
            description =
                    "A file with the token or API key to present. Default: the environment"
                            + " variable LONGWAVE_TOKEN, otherwise none.")
    private @Nullable String token;

    @Option(
            names = "--cookie-file",
            paramLabel = "FILE",
            converter = ServerOptions.SecretFile.class,
            description = "A file with the cookies to send, such as session=….")
    private String cookie = "";

    @Option(
            names = "--topic",
            paramLabel = "TOPIC",
            description =
                    "A topic with a history: reads it, drops the connection, and checks that the"
                            + " next events follow.")
    private String topic = "";

    @Option(
            names = "--origin",
            paramLabel = "ORIGIN",
            description =
                    "The origin of the pages that read, such as https://app.example.org: checks"
                            + " CORS with credentials.")
    private String origin = "";

    @Option(
            names = "--idle",
            paramLabel = "DURATION",
            converter = Idle.class,
            description =
                    "For how long to watch a quiet stream, such as 120s or PT2M, at most 120s; 0s"
                            + " not to. Default: 20s.")
    private Duration idle = Duration.ofSeconds(20);

    @Option(
            names = "--ca-file",
            paramLabel = "FILE",
            description = "Certificates (PEM) to trust in place of those that Java trusts.")
    private @Nullable Path authorities;

    @Option(names = "--json", description = "Print the report as one JSON object.")
    private boolean json;

    DoctorCommand(Terminal terminal, InstantSource clock) {
        this.terminal = terminal;
        this.clock = clock;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (target == null) {
            return ExitCode.USAGE; // picocli requires it
        }
        SSLContext tls;
        try {
            tls = authorities == null ? SSLContext.getDefault() : trusting(authorities);
        } catch (IOException | GeneralSecurityException e) {
            terminal.say("cannot read certificates from " + authorities + ": " + e.getMessage());
            return ExitCode.USAGE;
        }
        var report = new DoctorReport();
        boolean connected;
        try (var client =
                new DoctorClient(
                        tls,
                        target.isEncrypted(),
                        ServerOptions.presentedToken(token),
                        cookie.strip())) {
            connected =
                    new Doctor(target, new Doctor.Options(topic, origin, idle), tls, clock, report)
                            .examine(client);
        }
        terminal.print(json ? report.json() + '\n' : report.text(Ansi.AUTO.enabled()));
        if (!connected) {
            return NOT_CONNECTED;
        }
        return report.ok() ? ExitCode.DONE : FINDINGS;
    }

    /** {@return TLS that trusts the certificates in a PEM file, and no others} */
    static SSLContext trusting(Path file) throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null);
        try (InputStream pem = Files.newInputStream(file)) {
            int count = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                store.setCertificateEntry("authority-" + count++, certificate);
            }
        }
        var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    /** Reads a duration like those of all options, within the bounds of {@code --idle}. */
    static final class Idle implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            try {
                Duration duration = Durations.parse(text);
                if (!duration.isNegative() && duration.compareTo(MAX_IDLE) <= 0) {
                    return duration;
                }
            } catch (IllegalArgumentException _) {
                // The message below says what is expected.
            }
            throw new TypeConversionException(
                    "--idle must be a duration such as 30s, from 0s to 120s, but was " + text);
        }
    }
}
