package dev.longwave.broker.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;

/** A Lua script, which the server runs atomically. */
enum Script {
    PUBLISH("publish.lua"),
    READ("read.lua"),
    TAILS("tails.lua"),
    DELETE("delete.lua"),
    NODES("nodes.lua"),
    PRESENCE_PUT("presence_put.lua"),
    PRESENCE_REMOVE("presence_remove.lua"),
    PRESENCE_READ("presence_read.lua"),
    PRESENCE_COUNT("presence_count.lua"),
    PERMISSIONS("permissions.lua");

    private final String text;
    private final String digest;

    Script(String file) {
        try (InputStream in = Script.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("not in the jar file=" + file);
            }
            byte[] bytes = in.readAllBytes();
            text = new String(bytes, StandardCharsets.UTF_8);
            digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JVM has it
        }
    }

    /** {@return the command that runs it if the server has it cached} */
    CommandArguments byDigest(List<byte[]> keys, List<byte[]> values) {
        return command(Command.EVALSHA, digest, keys, values);
    }

    /** {@return the command that runs it, and caches it} */
    CommandArguments byText(List<byte[]> keys, List<byte[]> values) {
        return command(Command.EVAL, text, keys, values);
    }

    private static CommandArguments command(
            Command command, String script, List<byte[]> keys, List<byte[]> values) {
        var arguments = new CommandArguments(command).add(script).add(keys.size());
        keys.forEach(arguments::add);
        values.forEach(arguments::add);
        return arguments;
    }
}
