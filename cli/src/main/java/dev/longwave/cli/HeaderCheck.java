package dev.longwave.cli;

import java.util.Locale;

/** Checks the headers of an event stream's response. */
final class HeaderCheck {

    private final DoctorReport report;

    HeaderCheck(DoctorReport report) {
        this.report = report;
    }

    /**
     * Checks them.
     *
     * @param fromLongwave whether it is known what the server has sent
     */
    void run(DoctorStream stream, boolean fromLongwave) {
        boolean good = checkType(stream);
        good = checkCaching(stream, fromLongwave) && good;
        String accel = stream.header("X-Accel-Buffering");
        if (!accel.isEmpty() && !accel.equalsIgnoreCase("no")) {
            good = false;
            report.found(
                    "x-accel-buffering",
                    "X-Accel-Buffering is \"%s\": an nginx in front would buffer".formatted(accel),
                    "send X-Accel-Buffering: no, unchanged");
        }
        if (!stream.header("Content-Length").isEmpty()) {
            good = false;
            report.found(
                    "content-length",
                    "the response has a Content-Length: something has collected the whole stream"
                            + " before passing it on",
                    "turn response buffering off in the proxy");
        }
        if (good) {
            report.passed(
                    "headers",
                    "Content-Type and Cache-Control are right"
                            + (accel.isEmpty() && fromLongwave
                                    ? "; a proxy has obeyed or removed X-Accel-Buffering"
                                    : ""));
        }
    }

    private boolean checkType(DoctorStream stream) {
        String type = stream.header("Content-Type");
        if (type.toLowerCase(Locale.ROOT).startsWith("text/event-stream")) {
            return true;
        }
        report.found(
                "content-type",
                "Content-Type is %s: EventSource refuses it"
                        .formatted(type.isEmpty() ? "missing" : '"' + type + '"'),
                "send text/event-stream, unchanged by proxies");
        return false;
    }

    private boolean checkCaching(DoctorStream stream, boolean fromLongwave) {
        String caching = stream.header("Cache-Control").toLowerCase(Locale.ROOT);
        boolean uncached = caching.contains("no-cache") || caching.contains("no-store");
        if (uncached && (!fromLongwave || caching.contains("no-transform"))) {
            return true;
        }
        report.found(
                "cache-control",
                "Cache-Control is %s, so caches may keep the stream, and proxies may compress it"
                        .formatted(caching.isEmpty() ? "missing" : '"' + caching + '"'),
                "send Cache-Control: no-cache, no-transform"
                        + (fromLongwave ? ", as Longwave does: a proxy has changed it" : ""));
        return false;
    }
}
