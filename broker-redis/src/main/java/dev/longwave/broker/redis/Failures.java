package dev.longwave.broker.redis;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.BrokerException;
import dev.longwave.broker.BrokerRefusedException;
import dev.longwave.broker.BrokerRefusedException.Reason;
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

/** Translates the client library's exceptions into those of the broker SPI. */
final class Failures {

    private static final int LONGEST_MESSAGE = 200;

    // For scripts: Redis 7.2 and later and Valkey use the second text, older versions the third.
    private static final Pattern FORBIDDEN =
            Pattern.compile("NOPERM|ACL failure in script|The user executing the script can't");

    // Redis before version 7 puts other words in front when a script is refused.
    private static final Pattern DEMOTED =
            Pattern.compile("READONLY You can't write against|^MASTERDOWN ");

    private static final Pattern PASSING =
            Pattern.compile("^(LOADING|CLUSTERDOWN|TRYAGAIN|BUSY|MOVED|ASK) ");

    private Failures() {}

    /** {@return that there is no answer, so that the outcome is unknown} */
    static BrokerUnavailableException unavailable(
            String attempt, RedisSettings settings, JedisException cause) {
        return new BrokerUnavailableException(words(attempt, settings, cause), cause);
    }

    /** {@return that nothing was sent, as there is no connection} */
    static BrokerUnavailableException notSent(
            String attempt, RedisSettings settings, JedisException cause) {
        return BrokerUnavailableException.notSent(words(attempt, settings, cause), cause);
    }

    /** {@return that the server refused, and why} */
    static BrokerRefusedException refused(
            String attempt, RedisSettings settings, JedisDataException cause) {
        return new BrokerRefusedException(reasonOf(cause), words(attempt, settings, cause), cause);
    }

    private static String words(String attempt, RedisSettings settings, JedisException cause) {
        SSLException tlsFailure = tlsFailure(cause);
        String why;
        if (Thread.currentThread().isInterrupted()) {
            why = "interrupted";
        } else if (tlsFailure != null) {
            why = reason(cause) + ": " + shortened(tlsFailure);
        } else {
            why = reason(cause);
        }
        return "cannot %s, %s server=%s timeout=%s"
                .formatted(attempt, why, settings.address(), settings.timeout());
    }

    /**
     * {@return what the refusal is about} The words are searched for rather than expected in front:
     * Redis before version 7 puts others there when a script is refused.
     */
    static Reason reasonOf(JedisDataException refusal) {
        String words = String.valueOf(refusal.getMessage());
        if (isForbidden(refusal) || isLogin(refusal)) {
            return Reason.DENIED;
        }
        if (words.contains("OOM command not allowed")) {
            return Reason.FULL;
        }
        if (words.contains("MISCONF ")) {
            return Reason.MISCONFIGURED;
        }
        if (isDemoted(refusal) || words.contains("NOREPLICAS ")) {
            return Reason.READ_ONLY;
        }
        return isPassing(refusal) ? Reason.BUSY : Reason.OTHER;
    }

    /**
     * {@return whether the server may accept the same within seconds, or another one does} Nothing
     * was executed.
     */
    static boolean isPassing(JedisDataException refusal) {
        return isDemoted(refusal) || PASSING.matcher(String.valueOf(refusal.getMessage())).find();
    }

    /** {@return what went wrong, without addresses, which messages about TLS may contain} */
    static String reason(JedisException cause) {
        if (cause instanceof JedisDataException) {
            return "the server refused: " + shortened(cause);
        }
        if (isTimeout(cause)) {
            return "no answer in time";
        }
        return tlsFailure(cause) == null ? "connection failed" : "TLS failed";
    }

    /**
     * {@return a configuration error if the operator must act; otherwise {@code failure} itself}
     */
    static BrokerException atStart(RedisSettings settings, BrokerException failure) {
        Throwable cause = failure.getCause();
        SSLException tlsFailure = tlsFailure(cause);
        String what;
        if (isForbidden(cause)) {
            what =
                    "the server's access control forbids what Longwave needs, user="
                            + Objects.requireNonNullElse(settings.address().user(), "default");
        } else if (isLogin(cause)) {
            what =
                    "the server refused the login, see broker.redis.user and"
                            + " broker.redis.password, and for Sentinels"
                            + " broker.redis.sentinel-password";
        } else if (tlsFailure != null) {
            cause = tlsFailure;
            what =
                    "TLS failed, see broker.redis.uri, broker.redis.tls-ca-file and"
                            + " broker.redis.tls-cert-file";
        } else {
            return failure;
        }
        return new BrokerConfigurationException(
                "%s: %s server=%s".formatted(what, shortened(cause), settings.address()), failure);
    }

    /** {@return what a failure to connect at the start means for the operator} */
    static BrokerException atStart(RedisSettings settings, JedisException cause) {
        return atStart(
                settings,
                cause instanceof JedisDataException refusal
                        ? refused("connect", settings, refusal)
                        : notSent("connect", settings, cause));
    }

    /** {@return whether the failure persists until someone fixes the server or the settings} */
    static boolean needsOperator(JedisException cause) {
        return cause instanceof JedisDataException || tlsFailure(cause) != null;
    }

    /** {@return the exception for a connection that was closed because its deadline passed} */
    static JedisConnectionException timeout(JedisConnectionException cause) {
        var late = new SocketTimeoutException("closed after its deadline");
        late.initCause(cause);
        return new JedisConnectionException(late);
    }

    static boolean isTimeout(JedisException cause) {
        return causedBy(cause, SocketTimeoutException.class) != null;
    }

    /** {@return whether the server's access control refused a command, a key or a channel} */
    static boolean isForbidden(@Nullable Throwable cause) {
        return cause instanceof JedisDataException e
                && FORBIDDEN.matcher(String.valueOf(e.getMessage())).find();
    }

    /** {@return why TLS failed, or null if the connection merely broke} */
    private static @Nullable SSLException tlsFailure(@Nullable Throwable cause) {
        boolean broken =
                causedBy(cause, EOFException.class) != null
                        || causedBy(cause, SocketException.class) != null
                        || causedBy(cause, SocketTimeoutException.class) != null;
        return broken ? null : causedBy(cause, SSLException.class);
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

    /** {@return whether the server does not have the script, or no longer has it} */
    static boolean isUnknownScript(Object reply) {
        return reply instanceof JedisDataException e && startsWith(e, "NOSCRIPT");
    }

    /** {@return whether the server has no such command} */
    static boolean isUnknownCommand(JedisDataException refusal) {
        return startsWith(refusal, "ERR unknown command");
    }

    /** {@return whether the server is no member of a cluster} */
    static boolean isNoCluster(JedisDataException refusal) {
        return startsWith(refusal, "ERR This instance has cluster support disabled")
                || isUnknownCommand(refusal);
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
