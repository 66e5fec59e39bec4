package com.example.longwave.files;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;

import dev.longwave.broker.Broker;
import dev.longwave.broker.BrokerContext;
import dev.longwave.broker.BrokerUnavailableException;
import dev.longwave.broker.Capability;
import dev.longwave.broker.Message;
import dev.longwave.broker.MessageRefusedException;
import dev.longwave.broker.Page;
import dev.longwave.broker.Position;
import dev.longwave.broker.Published;
import dev.longwave.broker.Start;
import dev.longwave.broker.feed.Feed;
import dev.longwave.broker.feed.SharedLog;
import dev.longwave.broker.feed.Tail;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Nodes that share a directory: publishing appends to a file, whose change wakes the others. */
final class FilesBroker implements Broker, SharedLog {

    static final Set<Capability> CAPABILITIES =
            Set.of(
                    Capability.HISTORY,
                    Capability.DEDUPLICATION,
                    Capability.SHARED,
                    Capability.DURABLE);

    private static final int MAX_MESSAGE_BYTES = 64 * 1024;

    private final Directory directory;
    private final boolean flush;
    private final InstantSource clock;
    private final Feed feed;
    private final WatchService watch;
    private final Thread watcher;
    private final Map<String, TopicFile> files = new ConcurrentHashMap<>();
    private final Map<Path, String> listened = new ConcurrentHashMap<>();
    private volatile boolean closed;

    FilesBroker(Directory directory, boolean flush, BrokerContext context) throws IOException {
        this.directory = directory;
        this.flush = flush;
        this.clock = context.clock();
        this.feed = new Feed(Feed.RESYNC_PERIOD, context.onStatus());
        Path root = directory.root();
        this.watch = root.getFileSystem().newWatchService();
        root.register(watch, ENTRY_CREATE, ENTRY_MODIFY);
        this.watcher = Thread.ofPlatform().daemon().name("files-watcher").start(this::watch);
        feed.start(this);
    }

    @Override
    public Set<Capability> capabilities() {
        return CAPABILITIES;
    }

    @Override
    public int maxMessageBytes() {
        return MAX_MESSAGE_BYTES;
    }

    @Override
    public Published publish(String topic, Message message) {
        if (message.data().length > MAX_MESSAGE_BYTES) {
            throw new MessageRefusedException(
                    "message too large length=%d max=%d"
                            .formatted(message.data().length, MAX_MESSAGE_BYTES));
        }
        return trying("publish", () -> file(topic).append(message));
    }

    @Override
    public Subscription subscribe(String topic, Sink sink) {
        return feed.subscribe(topic, sink);
    }

    @Override
    public Page history(
            String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        return read(topic, start, until, maxEntries, maxBytes);
    }

    @Override
    public void close() {
        feed.close();
        closed = true;
        try {
            watch.close(); // which ends its thread
            watcher.join();
        } catch (IOException e) {
            throw new IllegalStateException("cannot stop watching", e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // it ends all the same
        }
    }

    // The log

    @Override
    public void listen(String topic) {
        listened.put(directory.file(topic), topic);
    }

    @Override
    public void unlisten(String topic) {
        listened.remove(directory.file(topic));
    }

    @Override
    public Page read(
            String topic, Start start, @Nullable Position until, int maxEntries, int maxBytes) {
        return trying("read", () -> file(topic).read(start, until, maxEntries, maxBytes));
    }

    @Override
    public Map<String, Tail> tails(Collection<String> topics) {
        var tails = new HashMap<String, Tail>();
        for (String topic : topics) {
            tails.put(topic, trying("ask for the tail", () -> file(topic).tail()));
        }
        return tails;
    }

    // The live path

    private void watch() {
        try {
            while (true) {
                WatchKey key = watch.take();
                for (WatchEvent<?> event : key.pollEvents()) {
                    if (event.context() instanceof Path name) {
                        changed(directory.root().resolve(name));
                    } else {
                        feed.suspectAll(); // too much at once: some changes were dropped
                    }
                }
                if (!key.reset()) {
                    feed.failed("the directory is gone");
                    return;
                }
            }
        } catch (ClosedWatchServiceException | InterruptedException _) {
            return; // the broker was closed
        }
    }

    private void changed(Path file) {
        String topic = listened.get(file);
        if (topic == null) {
            return;
        }
        try {
            feed.announce(topic, file(topic).tail().position());
        } catch (IOException _) {
            feed.suspect(topic);
        }
    }

    private TopicFile file(String topic) {
        return files.computeIfAbsent(
                topic, name -> new TopicFile(directory, directory.file(name), flush, clock));
    }

    private <T> T trying(String what, Directory.Work<T> work) {
        if (closed) {
            throw new IllegalStateException("the broker is closed");
        }
        try {
            return work.run();
        } catch (IOException e) {
            throw new BrokerUnavailableException("cannot " + what, e);
        }
    }
}
