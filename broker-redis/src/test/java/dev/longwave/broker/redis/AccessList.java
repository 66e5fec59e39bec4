package dev.longwave.broker.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The access-control list that docs/brokers/redis.md recommends. */
final class AccessList {

    static final String USER = "longwave";

    private static final Path PAGE = Path.of("..", "docs", "brokers", "redis.md");
    private static final String BEGIN = "ACL SETUSER " + USER + ' ';

    private AccessList() {}

    /** {@return its rules exactly as documented, except for the password} */
    static List<String> rules(String password) {
        String page;
        try {
            page = Files.readString(PAGE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String rest = page.substring(page.indexOf(BEGIN) + BEGIN.length());
        String text = rest.substring(0, rest.indexOf("\n\n")).replace("\\\n", " ");
        return List.of(text.replace(">secret", ">" + password).strip().split("\\s+"));
    }
}
