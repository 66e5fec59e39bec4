package dev.longwave.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longwave.cli.BrokenProxy.Fault;
import dev.longwave.testing.HaProxy;
import dev.longwave.testing.Nginx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Set-ups that are broken on purpose: the doctor names the cause, and nothing else. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DoctorIT {

    private static final String ORIGIN = "https://app.example.org";

    /** A location with a header of its own does not inherit these. */
    private static final String UPGRADE =
            "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;";

    /** To the server as it should be; tests add what is wrong. */
    private static final String GOOD =
            "proxy_http_version 1.1;"
                    + UPGRADE
                    + """
                    location / { proxy_pass http://127.0.0.1:%d; %s }
                    %s
                    """;

    @TempDir private static Path folder;
    private TestAuthority authority;
    private DoctorServer server;
    private DoctorServer busy;

    @BeforeAll
    void start() throws Exception {
        authority = TestAuthority.in(folder, 90);
        server =
                DoctorServer.with(
                        "net.trusted-proxies=127.0.0.1",
                        "cors.origins=" + ORIGIN,
                        "cors.credentials=true");
        busy = DoctorServer.with("sse.heartbeat-interval=PT1S");
    }

    @AfterAll
    void close() {
        busy.close();
        server.close();
    }

    private String behind(String location, String block) {
        return GOOD.formatted(server.port(), location, block);
    }

    private static DoctorRun examine(String url, String... options) {
        var all = new ArrayList<>(Arrays.asList(options));
        if (!all.contains("--idle")) {
            all.addAll(List.of("--idle", "0s"));
        }
        return DoctorRun.of(url, all.toArray(String[]::new));
    }

    private static DoctorRun behindNginx(String configuration, String... options)
            throws IOException {
        try (Nginx nginx = Nginx.start("", configuration)) {
            return examine("http://127.0.0.1:" + nginx.port(), options);
        }
    }

    private DoctorRun behindTls(String listen, String configuration, String... options)
            throws IOException {
        try (Nginx nginx = Nginx.start(listen, configuration + authority.nginx())) {
            return examine("https://127.0.0.1:" + nginx.port(), options);
        }
    }

    private String[] trusting() {
        return new String[] {"--ca-file", authority.certificate().toString()};
    }

    /** Else the others would prove nothing. */
    @Test
    void findsNothingWrongWithWhatTheyBreak() throws Exception {
        behindNginx(behind("", ""), "--origin", ORIGIN).assertWell();
        behindTls("ssl http2", behind("", ""), trusting()).assertWell();
    }

    @ParameterizedTest
    @CsvSource({
        "compression, gzip on; gzip_types text/event-stream; gzip_proxied any; gzip_min_length 1;",
        "cache-control, proxy_hide_header Cache-Control;",
        "resume, proxy_set_header Last-Event-ID \"\"; " + UPGRADE,
        "websocket, proxy_set_header Upgrade \"\";",
        "websocket, proxy_http_version 1.0;",
        "cors, proxy_hide_header Access-Control-Allow-Origin;",
        "cors, proxy_hide_header Access-Control-Allow-Credentials;",
        "cors, add_header Access-Control-Allow-Origin * always;",
        "cors-preflight, if ($request_method = OPTIONS) { return 405; }",
        "redirect, return 301 https://example.org/live?token=x;",
        "not-an-event-stream, default_type text/html; return 200 sign-in;",
        "too-many-requests, return 429;",
        "status, return 403;"
    })
    void findsWhatNginxDoes(String code, String directive) throws Exception {
        DoctorRun run = behindNginx(behind(directive, ""), "--origin", ORIGIN);

        run.assertFound(List.of(code));
        assertThat(run.report().toString()).doesNotContain("token=x");
    }

    /** With HTTP/1.1, nginx passes chunks on even so. */
    @Test
    void findsBuffering() throws Exception {
        behindNginx(
                        """
                        location /connection/ {
                            proxy_pass http://127.0.0.1:%1$d;
                            proxy_http_version 1.1;
                            %2$s
                        }
                        location / {
                            proxy_pass http://127.0.0.1:%1$d;
                            proxy_http_version 1.0;
                            proxy_ignore_headers X-Accel-Buffering;
                        }
                        """
                                .formatted(server.port(), UPGRADE))
                .assertFound(List.of("buffering"));
    }

    @Test
    void findsACache() throws Exception {
        String http = "proxy_cache_path %s keys_zone=c:1m;".formatted(folder.resolve("cache"));
        String caching =
                behind(
                        "proxy_cache c; proxy_cache_valid any 1m;"
                                + " proxy_ignore_headers Cache-Control X-Accel-Buffering Vary;",
                        "");
        try (Nginx nginx = Nginx.start(http, "", caching)) {
            examine("http://127.0.0.1:" + nginx.port()).assertFound(List.of("cached"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "content-type, http-response set-header Content-Type text/plain",
        "x-accel-buffering, http-response set-header X-Accel-Buffering yes"
    })
    void findsWhatHaProxyDoes(String code, String rule) throws Exception {
        try (HaProxy haproxy = HaProxy.start("\n    " + rule, "", server.port())) {
            examine("http://127.0.0.1:" + haproxy.port()).assertFound(List.of(code));
        }
    }

    @Test
    void findsThatThereIsNoServerBehindTheProxy() throws Exception {
        DoctorServer gone = DoctorServer.with();
        gone.close();
        behindNginx(GOOD.formatted(gone.port(), "", "")).assertFound(List.of("unavailable"));
    }

    @Test
    void findsThatThereIsNoHttp2() throws Exception {
        behindTls("ssl", behind("", ""), trusting()).assertFound(List.of("http-1.1-only"));
    }

    @Test
    void findsThatAConnectionHasFewStreams() throws Exception {
        behindTls("ssl http2", behind("", "http2_max_concurrent_streams 4;"), trusting())
                .assertFound(List.of("max-streams"));
    }

    @Test
    void cannotConnectWithACertificateThatIsNotTrusted() throws Exception {
        DoctorRun run = behindTls("ssl http2", behind("", ""));

        assertThat(run.codes()).containsExactly("certificate");
        assertThat(run.exitCode()).isEqualTo(2);
    }

    @Test
    void findsACertificateThatExpiresSoon(@TempDir Path other) throws Exception {
        TestAuthority expiring = TestAuthority.in(other, 5);
        try (Nginx nginx = Nginx.start("ssl http2", behind("", "") + expiring.nginx())) {
            examine(
                            "https://127.0.0.1:" + nginx.port(),
                            "--ca-file",
                            expiring.certificate().toString())
                    .assertFound(List.of("certificate-expires"));
        }
    }

    @Test
    void findsAProxyThatTheServerDoesNotBelieve() throws Exception {
        String forwarding =
                UPGRADE + "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;";
        behindNginx(GOOD.formatted(busy.port(), forwarding, ""))
                .assertFound(List.of("proxy-not-trusted"));
    }

    @Test
    void findsAnotherHostWhereCookiesAreUsed(@TempDir Path cookies) throws Exception {
        Path cookie = Files.writeString(cookies.resolve("cookie"), "session=x");

        behindNginx(behind("", ""), "--cookie-file", cookie.toString())
                .assertFound(List.of("host-altered"));
    }

    @Test
    void findsThatIdsAreStripped() throws Exception {
        try (var proxy =
                new BrokenProxy(server.port(), Fault.dropping(line -> line.startsWith("id:")))) {
            DoctorRun run = examine(proxy.url());

            run.assertFound(List.of("ids-stripped"));
            assertThat(run.unchecked()).contains("resume");
        }
    }

    @Test
    void findsAClockThatIsOff() {
        DoctorRun.at(() -> Instant.now().plus(Duration.ofMinutes(5)), server.url(), "--idle", "0s")
                .assertFound(List.of("clock-skew"));
    }

    @Test
    void findsALateFirstByte() throws Exception {
        try (var proxy = new BrokenProxy(server.port(), Fault.late(Duration.ofMillis(2_300)))) {
            examine(proxy.url()).assertFound(List.of("first-byte"));
        }
    }

    @Test
    void findsThatQuietStreamsAreCutAfter10Seconds() throws Exception {
        behindNginx(behind("proxy_read_timeout 10s;", ""), "--idle", "14s")
                .assertFound(List.of("idle-timeout"));
    }

    @Test
    void findsThatHeartbeatsAreSwallowed() throws Exception {
        try (var proxy = new BrokenProxy(busy.port(), Fault.dropping(line -> line.equals(":")))) {
            examine(proxy.url(), "--idle", "7s").assertFound(List.of("heartbeats"));
        }
    }

    @Test
    void findsThatStreamsMayNotLast() throws Exception {
        try (var proxy =
                new BrokenProxy(busy.port(), Fault.cuttingAfter(Duration.ofMillis(3_500)))) {
            examine(proxy.url(), "--idle", "6s").assertFound(List.of("duration-limit"));
        }
    }

    @Test
    void findsACredentialInTheUrl() {
        examine(server.url() + "/events/a?access_token=x").assertFound(List.of("token-in-url"));
    }

    @Test
    void examinesAWebSocketAlone() throws Exception {
        DoctorRun good = DoctorRun.of(server.url().replace("http", "ws") + "/ws/a");

        good.assertWell();
        assertThat(good.passed()).contains("websocket");
        try (Nginx nginx = Nginx.start("", behind("proxy_set_header Upgrade \"\";", ""))) {
            DoctorRun.of("ws://127.0.0.1:" + nginx.port() + "/ws/a")
                    .assertFound(List.of("websocket"));
        }
    }

    @Test
    void saysWhatItCannotCheckWithoutARight() {
        try (DoctorServer strict =
                DoctorServer.with(
                        "auth.rules.none.who=anonymous", "auth.rules.none.topics=other")) {
            DoctorRun run = examine(strict.url() + "/events/news");

            run.assertWell();
            assertThat(run.unchecked()).contains("resume-topic");
            assertThat(run.passed()).contains("resume", "buffering", "websocket");
        }
    }
}
