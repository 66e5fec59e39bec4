package dev.longwave.broker.redis;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What INFO says of a server. It may say nothing of something, and mostly means "no" by that.
 *
 * @param facts the lines, by their names
 */
record ServerInfo(Map<String, String> facts) {

    private static final String NO_EVICTION = "noeviction";

    ServerInfo {
        facts = Map.copyOf(facts);
    }

    /** {@return the reply to INFO} */
    static ServerInfo parse(Reply reply) {
        var facts = new HashMap<String, String>();
        for (String line : reply.utf8().lines().toList()) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                facts.put(line.substring(0, colon), line.substring(colon + 1));
            }
        }
        return new ServerInfo(facts);
    }

    boolean isSentinel() {
        return mode().equals("sentinel");
    }

    boolean isClusterMember() {
        return mode().equals("cluster");
    }

    private String mode() {
        // Valkey 8 says server_mode, and the old name only for those that do not know it.
        return facts.getOrDefault("redis_mode", facts.getOrDefault("server_mode", ""));
    }

    boolean hasAppendOnlyFile() {
        return facts.getOrDefault("aof_enabled", "0").equals("1");
    }

    /** {@return the policy by which the server may delete keys that have not expired, or null} */
    @Nullable String evictionPolicy() {
        String policy = facts.getOrDefault("maxmemory_policy", NO_EVICTION);
        return policy.equals(NO_EVICTION) || facts.getOrDefault("maxmemory", "0").equals("0")
                ? null
                : policy;
    }

    /** {@return the server's name and version, for people} */
    String product() {
        String valkey = facts.get("valkey_version");
        return valkey == null ? "Redis " + version() : "Valkey " + valkey;
    }

    /** {@return the version of Redis that the server is compatible with} */
    String version() {
        return facts.getOrDefault("redis_version", "0");
    }

    boolean isAtLeast(int leastMajor, int leastMinor) {
        String[] parts = version().split("\\D+", -1);
        try {
            int major = Integer.parseInt(parts[0]);
            int minor = parts.length > 1 ? Integer.parseInt(parts[1]) : 0;
            return major > leastMajor || (major == leastMajor && minor >= leastMinor);
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException _) {
            return false;
        }
    }
}
