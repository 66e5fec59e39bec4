package dev.longwave.server.presence;

import java.util.ArrayList;
import java.util.List;

/** What a listener was told, in words. */
final class Told implements RoomListener {

    private final List<String> words = new ArrayList<>();

    @Override
    public void joined(Visit visit, Member member) {
        words.add("joined " + visit.user() + " " + member.connection());
    }

    @Override
    public void left(Visit visit, Member member) {
        words.add("left " + visit.user() + " " + member.connection());
    }

    @Override
    public void occupied(Occupancy occupancy) {
        words.add("occupied " + occupancy.topic());
    }

    @Override
    public void vacated(Occupancy occupancy) {
        words.add("vacated " + occupancy.topic());
    }

    /** {@return what it was told since the last time} */
    List<String> take() {
        List<String> taken = List.copyOf(words);
        words.clear();
        return taken;
    }

    /** {@return the same, without the topic} */
    List<String> users() {
        return take().stream().filter(word -> !word.contains("room")).toList();
    }
}
