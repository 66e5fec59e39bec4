package dev.longwave.hostile;

/** Paths, queries, and cursors, most of them valid. */
final class TargetGrammar {

    private final Dice dice;

    TargetGrammar(Dice dice) {
        this.dice = dice;
    }

    String target() {
        String path =
                switch (dice.number(0, 13)) {
                    case 0, 1, 2, 3 -> "/events/" + topic();
                    case 4 -> "/events";
                    case 5, 6 -> "/history/" + topic();
                    case 7, 8 -> "/publish";
                    case 9 -> dice.one("/", "/console/", "/console", "/figures", "/nope");
                    case 10 -> dice.one("/health/live", "/health/ready", "/health", "/health/x");
                    case 11 -> dice.one("*", "", "localhost:80", "//", "/;x", "/.", "/..");
                    case 12 -> "http://localhost/events/" + topic();
                    default -> "/" + dice.noise(20);
                };
        return dice.chance(40) ? path + "?" + query() : path;
    }

    String topic() {
        return switch (dice.number(0, 11)) {
            case 0 -> dice.one("fuzz/*", "fuzz/**", "**", "*", "a/**/b", "%2A");
            case 1 -> dice.one("a%2Fb", "a%zz", "a%", "%00", "%0d%0a", "%ff", "%c3%a9", "a//b", "");
            case 2 -> dice.one("../x", "./x", "a/../b", "a|b", "[1]", "{x}", "a^b", "a`b", "a;b=c");
            case 3 ->
                    dice.one(
                            "caf\u00c3\u00a9",
                            "caf\u00e9",
                            "\u00ed\u00a0\u0080",
                            "\u00ef\u00bb\u00bf");
            case 4 -> "fuzz/" + dice.letters(dice.length());
            default -> "fuzz/" + dice.number(0, 40);
        };
    }

    String query() {
        var query = new StringBuilder();
        for (int left = dice.number(0, 4); left > 0; left--) {
            query.append(query.isEmpty() ? "" : dice.one("&", "&", ";", "&&")).append(parameter());
        }
        return query.toString();
    }

    private String parameter() {
        return switch (dice.number(0, 12)) {
            case 0 -> "topic=" + topic();
            case 1 ->
                    "since=" + dice.one("earliest", "last", "PT1M", "P9999999D", "-PT1S", cursor());
            case 2 -> "lastEventId=" + cursor();
            case 3 -> "limit=" + dice.one("1", "10", "0", "-1", "99999999999", "x", "");
            case 4 ->
                    "type="
                            + dice.one(
                                    "t",
                                    "gap",
                                    "",
                                    "%00",
                                    "%ff",
                                    "a%0ab",
                                    dice.letters(dice.length()));
            case 5 -> "key=" + dice.one("k", "", "%ff", dice.letters(dice.length()));
            case 6 ->
                    "id="
                            + dice.one(
                                    "m" + dice.number(0, 99),
                                    "",
                                    "a b",
                                    "%20",
                                    "%7f",
                                    dice.letters(dice.length()));
            case 7 -> "end=" + dice.one("true", "false", "maybe", "");
            case 8 ->
                    "attribute."
                            + dice.one("x", "", "content-type", "%00")
                            + "="
                            + dice.one("y", "", "%ff");
            case 9 -> "heartbeat=" + dice.one("comment", "id", "", "x");
            case 10 -> dice.one("once", "=", "%", "a=%zz", "+", "topic");
            case 11 -> dice.noise(10);
            default -> "x=" + dice.letters(dice.length());
        };
    }

    /** A position in some topic, or nearly. */
    String cursor() {
        return dice.one(
                "abc.def-1",
                "abc.def-1,ghi.jkl-2",
                "abc.def-1, ghi.jkl-2",
                "",
                "1",
                "!!",
                "a.b-zzzzzzzzzzzzzzzzzzzzzzzz",
                "a.b--1",
                dice.letters(dice.length()));
    }
}
