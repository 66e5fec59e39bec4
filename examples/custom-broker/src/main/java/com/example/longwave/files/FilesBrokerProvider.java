package com.example.longwave.files;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerFactory;
import dev.longwave.broker.BrokerProvider;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Settings;
import dev.longwave.broker.SpiVersion;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/** What the server finds in the jar: {@code broker.type=files}. */
public final class FilesBrokerProvider implements BrokerProvider {

    @Override
    public String type() {
        return "files";
    }

    @Override
    public String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public Set<Capability> capabilities() {
        return FilesBroker.CAPABILITIES;
    }

    @Override
    public BrokerFactory settings(Settings settings) {
        boolean flush =
                settings.flag("flush", true, "Whether a publish waits until the disk has it.");
        Path directory =
                settings.text("directory", "The directory that all nodes share.")
                        .map(Path::of)
                        .orElseThrow(() ->
                                new BrokerConfigurationException(
                                        "setting broker.files.directory is missing"));
        return context -> connect(directory, flush, context);
    }

    private static Broker connect(Path directory, boolean flush, BrokerContext context) {
        try {
            return new FilesBroker(new Directory(directory), flush, context);
        } catch (IOException e) {
            throw new BrokerConfigurationException("cannot use directory=" + directory, e);
        }
    }
}
