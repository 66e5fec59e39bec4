package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerUnavailableException;
import java.io.EOFException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Objects;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/** What went wrong with the server, in the words of a broker. */
final class Failures {

    private static final int LONGEST_MESSAGE = 200;

    // What is said of a script: by Redis from 7.2 on and by Valkey, and by Redis before.
    private static final Pattern FORBIDDEN =
            Pattern.compile("NOPERM|ACL failure in script|The user executing the script can't");

    // Of a script it is said after other words by Redis before 7.
    private static final Pattern DEMOTED =
            Pattern.compile("READONLY You can't write against|^MASTERDOWN ");

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
            SSLException distrust = distrust(cause);
            why = distrust == null ? "connection failed" : "TLS failed: " + shortened(distrust);
        }
        return new BrokerUnavailableException(
                "cannot %s, %s server=%s timeout=%s"
                        .formatted(attempt, why, settings.address(), settings.timeout()),
                cause);
    }

    /** {@return it in other words if it is for the operator to mend, and otherwise as it is} */
    static BrokerException atStart(RedisSettings settings, BrokerUnavailableException failure) {
        Throwable cause = failure.getCause();
        SSLException distrust = distrust(cause);
        String what;
        if (isForbidden(cause)) {
            what =
                    "the server's access control forbids what Longwave needs of it, as user="
                            + Objects.requireNonNullElse(settings.address().user(), "default");
        } else if (isLogin(cause)) {
            what =
                    "the server refused the login, see broker.redis.user and"
                            + " broker.redis.password";
        } else if (distrust != null) {
            cause = distrust;
            what = "TLS failed, see broker.redis.uri and broker.redis.tls-ca-file";
        } else {
            return failure;
        }
        return new BrokerConfigurationException(
                "%s: %s server=%s".formatted(what, shortened(cause), settings.address()), failure);
    }

    /** {@return whether it stays so until someone does something about it} */
    static boolean isToBeMended(JedisException cause) {
        return cause instanceof JedisDataException || distrust(cause) != null;
    }

    /** {@return what to throw where the connection was broken because it took too long} */
    static JedisConnectionException timeout(JedisConnectionException cause) {
        var late = new SocketTimeoutException("broken as its time was over");
        late.initCause(cause);
        return new JedisConnectionException(late);
    }

    static boolean isTimeout(JedisException cause) {
        return causedBy(cause, SocketTimeoutException.class) != null;
    }

    /** {@return whether the server's access control is in the way, other than to the login} */
    static boolean isForbidden(@Nullable Throwable cause) {
        return cause instanceof JedisDataException e
                && FORBIDDEN.matcher(String.valueOf(e.getMessage())).find();
    }

    /** {@return why the two ends cannot agree on TLS, unless it is just a connection that broke} */
    private static @Nullable SSLException distrust(@Nullable Throwable cause) {
        boolean broke =
                causedBy(cause, EOFException.class) != null
                        || causedBy(cause, SocketException.class) != null
                        || causedBy(cause, SocketTimeoutException.class) != null;
        return broke ? null : causedBy(cause, SSLException.class);
    }

    private static <T extends Throwable> @Nullable T causedBy(
            @Nullable Throwable failure, Class<T> type) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (type.isInstance(each)) {
                return type.cast(each);
            }
        }
        return null;
    }

    /** {@return whether the script is not known to the server, or not any more} */
    static boolean isUnknownScript(Object reply) {
        return reply instanceof JedisDataException e && startsWith(e, "NOSCRIPT");
    }

    /** {@return whether the server is a replica} */
    static boolean isDemoted(@Nullable Object reply) {
        return reply instanceof JedisDataException e
                && DEMOTED.matcher(String.valueOf(e.getMessage())).find();
    }

    private static boolean isLogin(@Nullable Throwable cause) {
        return startsWith(cause, "WRONGPASS")
                || startsWith(cause, "NOAUTH")
                || startsWith(cause, "ERR AUTH")
                || startsWith(cause, "ERR invalid password");
    }

    private static boolean startsWith(@Nullable Throwable cause, String start) {
        return cause instanceof JedisDataException
                && cause.getMessage() != null
                && cause.getMessage().startsWith(start);
    }

    private static String shortened(@Nullable Throwable cause) {
        String message = cause == null ? "" : String.valueOf(cause.getMessage());
        return message.substring(0, Math.min(message.length(), LONGEST_MESSAGE));
    }
}
