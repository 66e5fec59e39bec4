package dev.longwave.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What {@code longwave doctor} has found out, in the order of its checks. For one thread. */
final class DoctorReport {

    private static final String RED = "\u001b[31m";
    private static final String GREEN = "\u001b[32m";
    private static final String YELLOW = "\u001b[33m";
    private static final String PLAIN = "\u001b[0m";

    private final List<Line> lines = new ArrayList<>();

    /** One check, as far as it came. */
    sealed interface Line {

        /** It found nothing wrong. */
        record Passed(String check, String text) implements Line {}

        /**
         * It found something wrong.
         *
         * @param code what is wrong, in a word or two: fixed names, for programs
         * @param text what was seen
         * @param fix what to do about it
         */
        record Finding(String code, String text, String fix) implements Line {}

        /** It could not be made, for the reason that the text says. */
        record Unchecked(String check, String text) implements Line {}
    }

    void passed(String check, String text) {
        lines.add(new Line.Passed(check, text));
    }

    void found(String code, String text, String fix) {
        lines.add(new Line.Finding(code, text, fix));
    }

    void unchecked(String check, String reason) {
        lines.add(new Line.Unchecked(check, reason));
    }

    /** {@return whether nothing is wrong, as far as it could be checked} */
    boolean ok() {
        return lines.stream().noneMatch(Line.Finding.class::isInstance);
    }

    /** {@return the report for people, a line for each check} */
    String text(boolean colour) {
        var text = new StringBuilder();
        for (Line line : lines) {
            String row =
                    switch (line) {
                        case Line.Passed(String check, String seen) ->
                                row(colour ? GREEN : "", "ok", check, seen, colour);
                        case Line.Finding(String code, String seen, String fix) ->
                                row(
                                        colour ? RED : "",
                                        "FOUND",
                                        code,
                                        seen + ". Fix: " + fix,
                                        colour);
                        case Line.Unchecked(String check, String reason) ->
                                row(colour ? YELLOW : "", "skipped", check, reason, colour);
                    };
            text.append(row);
        }
        long findings = lines.stream().filter(Line.Finding.class::isInstance).count();
        return text.append(
                        findings == 0
                                ? "Nothing is wrong, as far as it was checked.\n"
                                : findings + (findings == 1 ? " finding.\n" : " findings.\n"))
                .toString();
    }

    private static String row(
            String paint, String verdict, String check, String text, boolean colour) {
        // What a server has sent is in some of the texts.
        String safe = text.replaceAll("\\p{Cntrl}", "?");
        return "%s%-8s%s %-18s %s\n".formatted(paint, verdict, colour ? PLAIN : "", check, safe);
    }

    /** {@return the report for programs, as one line of JSON} */
    String json() {
        return Json.object(report -> {
            report.writeBooleanField("ok", ok());
            write(report, "findings", Line.Finding.class::isInstance);
            write(report, "passed", Line.Passed.class::isInstance);
            write(report, "unchecked", Line.Unchecked.class::isInstance);
        });
    }

    private void write(JsonGenerator report, String name, Predicate<Line> which)
            throws IOException {
        report.writeArrayFieldStart(name);
        for (Line line : lines) {
            if (which.test(line)) {
                write(report, line);
            }
        }
        report.writeEndArray();
    }

    private static void write(JsonGenerator report, Line line) throws IOException {
        report.writeStartObject();
        switch (line) {
            case Line.Finding(String code, String text, String fix) -> {
                report.writeStringField("code", code);
                report.writeStringField("detail", text);
                report.writeStringField("fix", fix);
            }
            case Line.Passed(String check, String text) -> {
                report.writeStringField("check", check);
                report.writeStringField("detail", text);
            }
            case Line.Unchecked(String check, String reason) -> {
                report.writeStringField("check", check);
                report.writeStringField("detail", reason);
            }
        }
        report.writeEndObject();
    }
}
