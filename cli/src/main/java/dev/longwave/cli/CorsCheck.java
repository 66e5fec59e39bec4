package dev.longwave.cli;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Checks that pages of another origin can read a stream, with their cookies. */
final class CorsCheck {

    private static final String ALLOW_ORIGIN = "Access-Control-Allow-Origin";
    private static final String ALLOW_CREDENTIALS = "Access-Control-Allow-Credentials";
    private static final String ALLOW_HEADERS = "Access-Control-Allow-Headers";
    private static final String REQUESTED = "authorization";
    private static final String FIX =
            "name the origin in cors.origins, set cors.credentials: true, and let no proxy answer"
                    + " for the server";

    private final URI stream;
    private final String origin;
    private final DoctorClient client;
    private final DoctorReport report;

    /**
     * @param origin that of the page, such as {@code https://example.org}; empty if it is not known
     */
    CorsCheck(URI stream, String origin, DoctorClient client, DoctorReport report) {
        this.stream = stream;
        this.origin = origin;
        this.client = client;
        this.report = report;
    }

    void run() throws InterruptedException {
        if (origin.isEmpty()) {
            report.unchecked("cors", "give --origin, such as https://app.example.org");
            return;
        }
        try (DoctorStream answer = client.open(stream, Map.of("Origin", origin))) {
            Optional<String> refused = refusal(answer.count(ALLOW_ORIGIN), answer::header);
            if (refused.isPresent()) {
                report.found("cors", "pages of %s: %s".formatted(origin, refused.get()), FIX);
                return;
            }
            checkPreflight();
        } catch (IOException e) {
            report.unchecked("cors", "no answer came: " + e.getMessage());
        }
    }

    private Optional<String> refusal(int count, Function<String, String> header) {
        String allowed = header.apply(ALLOW_ORIGIN);
        if (count > 1) {
            return Optional.of(
                    ALLOW_ORIGIN + " is there " + count + " times, which browsers refuse");
        }
        if (allowed.isEmpty()) {
            return Optional.of(ALLOW_ORIGIN + " is missing: their scripts cannot read events");
        }
        if (allowed.equals("*")) {
            return Optional.of(ALLOW_ORIGIN + " is *, with which browsers send no cookie");
        }
        if (!allowed.equalsIgnoreCase(origin)) {
            return Optional.of(ALLOW_ORIGIN + " names another origin: " + allowed);
        }
        if (!header.apply(ALLOW_CREDENTIALS).equals("true")) {
            return Optional.of(ALLOW_CREDENTIALS + " is missing: their cookies are not accepted");
        }
        return Optional.empty();
    }

    /** A page that sends a token as a header needs a second answer. */
    private void checkPreflight() throws IOException, InterruptedException {
        HttpResponse<Void> answer =
                client.preflight(
                        stream,
                        Map.of(
                                "Origin", origin,
                                "Access-Control-Request-Method", "GET",
                                "Access-Control-Request-Headers", REQUESTED));
        HttpHeaders headers = answer.headers();
        List<String> origins = headers.allValues(ALLOW_ORIGIN);
        Optional<String> refused =
                refusal(origins.size(), name -> String.join(", ", headers.allValues(name)));
        boolean good =
                answer.statusCode() / 100 == 2
                        && refused.isEmpty()
                        && String.join(",", headers.allValues(ALLOW_HEADERS))
                                .toLowerCase(Locale.ROOT)
                                .contains(REQUESTED);
        if (good) {
            report.passed("cors", "pages of " + origin + " may read, with credentials");
        } else {
            report.found(
                    "cors-preflight",
                    "pages of %s can read only without an Authorization header: the preflight gets %d%s"
                            .formatted(
                                    origin,
                                    answer.statusCode(),
                                    refused.map(text -> ", and " + text).orElse("")),
                    "pass OPTIONS requests on to the server, without asking for a credential");
        }
    }
}
