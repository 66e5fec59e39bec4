package dev.longwave.cli;

import dev.longwave.broker.Durations;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads durations in all options, as settings do. */
final class DurationConverter implements ITypeConverter<Duration> {

    @Override
    public Duration convert(String text) {
        try {
            return Durations.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException("'%s' is %s".formatted(text, e.getMessage()));
        }
    }

    /** Reads also {@code forever}, as {@link Retry#FOREVER}. */
    static final class OrForever implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            return text.equals("forever") ? Retry.FOREVER : new DurationConverter().convert(text);
        }
    }
}
