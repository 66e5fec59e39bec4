package dev.longwave.server.auth;

import dev.longwave.broker.BrokerConfigurationException;
import dev.longwave.broker.Settings;
import java.time.Duration;
import java.util.List;

/**
 * Which pages of other origins may use the server.
 *
 * @param origins the origins of these pages
 * @param credentials whether browsers send their cookies along
 * @param maxAge how long browsers may keep the answer to a preflight
 * @param privateNetwork whether pages on the Internet may reach a server in a private network
 */
public record CorsSettings(
        Origins origins, boolean credentials, Duration maxAge, boolean privateNetwork) {

    /**
     * Reads the section {@code cors}.
     *
     * @throws BrokerConfigurationException if a setting is invalid
     */
    public static CorsSettings read(Settings settings) {
        Settings cors = settings.section("cors");
        Origins origins =
                Origins.of(
                        cors.list(
                                "origins",
                                List.of(),
                                "Origins of pages on other sites that may use the server, such as"
                                        + " https://app.example.com or https://*.example.com; * for"
                                        + " all. None by default."),
                        "cors.origins");
        boolean credentials =
                cors.flag(
                        "credentials",
                        false,
                        "Whether these pages may use the cookies of their visitors.");
        if (credentials && origins.any()) {
            throw new BrokerConfigurationException(
                    "every page could act for its visitor: with cors.credentials, name the origins"
                            + " in cors.origins instead of *");
        }
        return new CorsSettings(
                origins,
                credentials,
                cors.duration(
                        "max-age",
                        Duration.ofHours(2),
                        Duration.ZERO,
                        Duration.ofDays(1),
                        "How long browsers may keep the answer to a preflight request."),
                cors.flag(
                        "private-network",
                        false,
                        "Whether pages on the Internet may use a server in a private network."));
    }
}
