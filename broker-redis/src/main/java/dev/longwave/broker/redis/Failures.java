package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerUnavailableException;
import java.net.SocketTimeoutException;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/** What went wrong with the server, in the words of a broker. */
final class Failures {

    private static final int LONGEST_MESSAGE = 200;

    private Failures() {}

    static BrokerUnavailableException unavailable(
            String attempt, RedisSettings settings, JedisException cause) {
        String why;
        if (Thread.currentThread().isInterrupted()) {
            why = "interrupted";
        } else if (cause instanceof JedisDataException) {
            why = "the server refused: " + shortened(cause);
        } else if (isTimeout(cause)) {
            why = "no answer in time";
        } else {
            why = "connection failed";
        }
        return new BrokerUnavailableException(
                "cannot %s, %s server=%s timeout=%s"
                        .formatted(attempt, why, settings.address(), settings.timeout()),
                cause);
    }

    /** {@return as the other, but a login that is refused is for the operator to mend} */
    static BrokerException atStart(RedisSettings settings, JedisException cause) {
        if (cause instanceof JedisAccessControlException || isLogin(cause)) {
            return new BrokerConfigurationException(
                    "the server refused the login, see broker.redis.user and broker.redis.password:"
                            + " %s server=%s".formatted(shortened(cause), settings.address()),
                    cause);
        }
        return unavailable("connect", settings, cause);
    }

    static boolean isTimeout(JedisException cause) {
        return cause.getCause() instanceof SocketTimeoutException;
    }

    /** {@return whether the script is not known to the server, or not any more} */
    static boolean isUnknownScript(Object reply) {
        return reply instanceof JedisDataException e && startsWith(e, "NOSCRIPT");
    }

    private static boolean isLogin(JedisException cause) {
        return startsWith(cause, "WRONGPASS")
                || startsWith(cause, "NOAUTH")
                || startsWith(cause, "ERR AUTH")
                || startsWith(cause, "ERR invalid password");
    }

    private static boolean startsWith(JedisException cause, String start) {
        return cause.getMessage() != null && cause.getMessage().startsWith(start);
    }

    private static String shortened(JedisException cause) {
        String message = String.valueOf(cause.getMessage());
        return message.substring(0, Math.min(message.length(), LONGEST_MESSAGE));
    }
}
