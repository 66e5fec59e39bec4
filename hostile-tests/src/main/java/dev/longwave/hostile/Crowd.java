package dev.longwave.hostile;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/** Attackers that act at the same time. */
final class Crowd {

    private final List<Callable<?>> members = new ArrayList<>();
    private final Semaphore places;

    Crowd() {
        this(Integer.MAX_VALUE);
    }

    /**
     * @param atOnce how many act at the same time, at most
     */
    Crowd(int atOnce) {
        places = new Semaphore(atOnce);
    }

    /** What one of them does. */
    interface Member {
        void act() throws Exception;
    }

    /** Adds {@code count} attackers that do the same. */
    Crowd with(int count, Member member) {
        for (int i = 0; i < count; i++) {
            members.add(() -> {
                places.acquire();
                try {
                    member.act();
                } finally {
                    places.release();
                }
                return null;
            });
        }
        return this;
    }

    /** Has all of them act, and fails as the first one that fails, once all are done. */
    void act() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> acts = new ArrayList<>();
            members.forEach(member -> acts.add(threads.submit(member)));
            for (Future<?> act : acts) {
                try {
                    act.get();
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof AssertionError failure) {
                        throw failure;
                    }
                    throw e;
                }
            }
        }
    }
}
