package dev.longwave.server.ops;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.server.http.Json;
import dev.longwave.server.http.ProblemException;
import dev.longwave.server.http.Query;
import dev.longwave.server.http.TrustedProxies;
import dev.longwave.server.net.LoggedRequest;
import dev.longwave.server.session.EndedStream;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Logs requests when they were answered, and streams when they have ended: never what is secret in
 * them. Safe for many threads.
 */
public final class AccessLog implements Filter, Consumer<EndedStream>, AutoCloseable {
    /*
     * The thread that answered a request queues a line, and one thread formats and writes all of them. If the file is
     * slow, or its disk is full, lines are dropped and counted: no request waits for the log.
     *
     * Of the target only the path is logged, and the topics that the query names: tickets are in queries.
     */
    private static final int MAX_LINES = 8192;
    private static final int MAX_LENGTH = 500; // of what a client has sent
    private static final Duration CLOSING = Duration.ofSeconds(2);
    private static final Duration COMPLAIN_EVERY = Duration.ofMinutes(1);
    private static final Pattern PLAIN = Pattern.compile("[!-~&&[^\"\\\\=]]+");
    private static final System.Logger LOGGER = System.getLogger(AccessLog.class.getName());

    private final boolean json;
    private final TrustedProxies proxies;
    private final InstantSource clock;
    private final OutputStream out;
    private final BlockingQueue<Supplier<ObjectNode>> lines = new ArrayBlockingQueue<>(MAX_LINES);
    private final LongAdder dropped = new LongAdder();
    private final Thread writer;
    private volatile boolean closing;
    private long nextComplaint = System.nanoTime(); // for the writer

    /** How lines are written. */
    public enum Format {
        /** No lines at all. */
        OFF,
        /** Names and values. */
        TEXT,
        /** An object in each line. */
        JSON
    }

    /**
     * Opens it.
     *
     * @param format not {@link Format#OFF}
     * @param file is appended to; null for standard error
     * @param proxies to find the client that sent a request
     * @throws BrokerConfigurationException if the file cannot be written to
     */
    public AccessLog(
            Format format, @Nullable Path file, TrustedProxies proxies, InstantSource clock) {
        this(format, open(file), proxies, clock);
    }

    AccessLog(Format format, OutputStream out, TrustedProxies proxies, InstantSource clock) {
        this.json = format == Format.JSON;
        this.proxies = proxies;
        this.clock = clock;
        this.out = out;
        this.writer =
                Thread.ofPlatform().daemon().name("longwave-access-log").start(this::writeLines);
    }

    private static OutputStream open(@Nullable Path file) {
        if (file == null) {
            return new FileOutputStream(FileDescriptor.err);
        }
        try {
            return Files.newOutputStream(
                    file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new BrokerConfigurationException(
                    "setting access-log.file cannot be written to value=" + file, e);
        }
    }

    /** {@return the request as it is to be logged; empty if the log is off} */
    public static Optional<LoggedRequest> of(ServerRequest request) {
        return request.context().get(LoggedRequest.class);
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        LoggedRequest logged = logged(request);
        request.context().register(logged);
        try {
            chain.proceed();
        } finally {
            if (!logged.isStream()) {
                int status = response.status().code();
                long bytes = response.bytesWritten();
                long nanos = logged.nanos();
                log(() -> answered(logged, status, bytes, nanos));
            }
        }
    }

    @Override
    public void accept(EndedStream stream) {
        LoggedRequest request = stream.request();
        if (request != null) {
            log(() -> ended(request, stream));
        }
    }

    /** {@return how many lines were lost} */
    public long dropped() {
        return dropped.sum();
    }

    private LoggedRequest logged(RoutingRequest request) {
        return new LoggedRequest(
                clock.instant().truncatedTo(ChronoUnit.MILLIS),
                host(proxies.named(request)),
                request.prologue().method().text(),
                shortened(request.prologue().uriPath().rawPath()),
                topics(request),
                "HTTP/" + request.prologue().protocolVersion(),
                request.headers().contains(HeaderNames.USER_AGENT)
                        ? shortened(request.headers().get(HeaderNames.USER_AGENT).get())
                        : "");
    }

    private static List<String> topics(RoutingRequest request) {
        try {
            return Query.of(request).values("topic").stream().map(AccessLog::shortened).toList();
        } catch (ProblemException _) {
            return List.of(); // which the client is told
        }
    }

    private static String shortened(String text) {
        return text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + "...";
    }

    private static String host(SocketAddress client) {
        return client instanceof InetSocketAddress address && address.getAddress() != null
                ? address.getAddress().getHostAddress()
                : client.toString();
    }

    private void log(Supplier<ObjectNode> line) {
        if (closing || !lines.offer(line)) {
            dropped.increment();
        }
    }

    private static ObjectNode answered(LoggedRequest request, int status, long bytes, long nanos) {
        return begin(request, request.subject())
                .put("status", status)
                .put("seconds", seconds(nanos))
                .put("bytes", bytes);
    }

    private static ObjectNode ended(LoggedRequest request, EndedStream stream) {
        return begin(request, stream.subject())
                .put("stream", stream.transport())
                .put("connection", stream.connection())
                .put("seconds", seconds(stream.lasted().toNanos()))
                .put("bytes", stream.bytes())
                .put("events", stream.events())
                .put("gaps", stream.gaps())
                .put("stalls", stream.stalls())
                .put("reason", stream.reason().word());
    }

    private static ObjectNode begin(LoggedRequest request, @Nullable String subject) {
        ObjectNode line =
                Json.object()
                        .put("time", request.time().toString())
                        .put("client", request.client());
        if (subject != null) {
            line.put("subject", subject);
        }
        line.put("method", request.method()).put("path", request.path());
        if (!request.topics().isEmpty()) {
            ArrayNode topics = line.putArray("topics");
            request.topics().forEach(topics::add);
        }
        line.put("protocol", request.protocol());
        if (!request.userAgent().isEmpty()) {
            line.put("agent", request.userAgent());
        }
        return line;
    }

    private static double seconds(long nanos) {
        return TimeUnit.NANOSECONDS.toMicros(nanos) / 1e6;
    }

    private void writeLines() {
        try {
            while (!closing || !lines.isEmpty()) {
                Supplier<ObjectNode> line = lines.poll(100, TimeUnit.MILLISECONDS);
                if (line != null) {
                    write(line.get());
                }
            }
        } catch (InterruptedException _) {
            // Closed.
        }
    }

    private void write(ObjectNode line) {
        String text = json ? line.toString() : text(line);
        try {
            out.write((text + '\n').getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            dropped.increment();
            long now = System.nanoTime();
            if (now - nextComplaint >= 0) {
                nextComplaint = now + COMPLAIN_EVERY.toNanos();
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "the access log cannot be written to; said once a minute: {0}",
                        e.toString());
            }
        }
    }

    /** Values that have anything but plain characters are quoted as in JSON. */
    private static String text(ObjectNode line) {
        var text = new StringBuilder();
        line.properties()
                .forEach(member -> {
                    if (!text.isEmpty()) {
                        text.append(' ');
                    }
                    String value = member.getValue().asText();
                    boolean plain =
                            member.getValue().isValueNode() && PLAIN.matcher(value).matches();
                    text.append(member.getKey())
                            .append('=')
                            .append(plain ? value : member.getValue().toString());
                });
        return text.toString();
    }

    /** Writes what waits, and closes the file. */
    @Override
    public void close() {
        closing = true;
        try {
            writer.join(CLOSING);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        writer.interrupt();
        try {
            out.close();
        } catch (IOException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "the access log is lost", e);
        }
    }
}
