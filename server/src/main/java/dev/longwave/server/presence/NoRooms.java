package dev.longwave.server.presence;

import dev.longwave.server.http.ProblemException;

/** The rooms of a server whose broker keeps no presence. */
final class NoRooms implements Rooms {

    @Override
    public boolean areKept() {
        return false;
    }

    @Override
    public Membership enter(String topic, Member member) {
        throw refusal();
    }

    @Override
    public MemberPage members(String topic, String after, int max) {
        throw refusal();
    }

    @Override
    public Counts counts(String topic) {
        throw refusal();
    }

    @Override
    public Watch watch(String topic, RoomListener listener) {
        throw refusal();
    }

    @Override
    public void close() {
        // Nothing is open.
    }

    private static ProblemException refusal() {
        return Refusals.noPresence().exception();
    }
}
