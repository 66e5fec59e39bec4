package dev.longwave.server.http;

import dev.longwave.broker.BrokerConfigurationException;
import java.net.URI;

/** The URL of another service, in a setting. */
public final class ServiceUrl {

    private ServiceUrl() {}

    /**
     * {@return the URL that {@code text} is: of HTTPS, or of this machine}
     *
     * @param key the setting
     * @throws BrokerConfigurationException if it is none
     */
    public static URI checked(String text, String key) {
        try {
            URI url = URI.create(text);
            String scheme = String.valueOf(url.getScheme());
            String host = url.getHost();
            // A user or password in it would not be sent, and would be logged.
            if (host != null
                    && url.getUserInfo() == null
                    && (scheme.equals("https")
                            || (scheme.equals("http") && LoopbackNames.isLoopback(host)))) {
                return url;
            }
        } catch (IllegalArgumentException _) {
            // Said below.
        }
        throw new BrokerConfigurationException(
                ("setting %s must be a URL that begins with https://, or http:// and a loopback"
                                + " name, without a user and password")
                        .formatted(key));
    }
}
