package dev.longwave.cli.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The answers of an assistant: announced, then written token by token on a topic of their own,
 * which ends with the answer. A token's data is its text as it is, spaces and line breaks included.
 */
final class AnswerScript implements Script {

    static final String TOPIC = "demo/answers";

    /** Much as a language model cuts text: a space belongs to the word that follows. */
    private static final Pattern TOKEN =
            Pattern.compile("\\s*[\\p{L}\\p{N}]{1,9}|\\s*[^\\p{L}\\p{N}\\s]|\\s+");

    private final Dice dice;
    private int answers;

    AnswerScript(Dice dice) {
        this.dice = dice;
    }

    @Override
    public List<Step> nextScene() {
        Answer answer = Answer.ALL.get(answers++ % Answer.ALL.size());
        String id = dice.id();
        String topic = TOPIC + "/" + id;
        List<String> tokens = tokens(answer.text());

        List<Step> scene = new ArrayList<>();
        Announcement announcement = new Announcement(id, answer.question(), topic);
        scene.add(
                new Step(dice.millis(5_000, 7_000), DemoEvent.json(TOPIC, "answer", announcement)));
        for (String token : tokens) {
            scene.add(new Step(dice.millis(20, 60), DemoEvent.text(topic, "token", token)));
        }
        scene.add(
                new Step(
                        dice.millis(20, 60),
                        DemoEvent.json(topic, "done", new Done(tokens.size())).last()));
        return scene;
    }

    static List<String> tokens(String text) {
        return TOKEN.matcher(text).results().map(MatchResult::group).toList();
    }

    private record Announcement(String id, String question, String topic) {}

    private record Done(int tokens) {}
}
