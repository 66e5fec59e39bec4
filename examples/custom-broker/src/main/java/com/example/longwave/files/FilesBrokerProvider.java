package com.example.longwave.files;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.Settings;
import java.io.IOException;
import java.nio.file.Path;

/** What the server finds in the jar: {@code broker.type=files}. */
public final class FilesBrokerProvider implements BrokerProvider {

    @Override
    public String type() {
        return "files";
    }

    @Override
    public Broker create(BrokerContext context) {
        Settings settings = context.settings();
        Path directory =
                settings.text("directory", "The directory that all nodes share.")
                        .map(Path::of)
                        .orElseThrow(
                                () ->
                                        new BrokerConfigurationException(
                                                "setting broker.files.directory is missing"));
        long keep =
                settings.size(
                        "topic-size", 1 << 20, 64, 1 << 29, "How much of a topic is kept, at least.");
        boolean flush =
                settings.flag("flush", false, "Whether a publish waits until the disk has it.");
        try {
            return new FilesBroker(new Directory(directory, keep, flush, context.clock()), context);
        } catch (IOException e) {
            throw new BrokerConfigurationException("cannot use directory=" + directory, e);
        }
    }
}
