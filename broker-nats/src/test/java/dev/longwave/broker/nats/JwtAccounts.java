package dev.longwave.broker.nats;

import io.nats.client.NKey;
import io.nats.client.support.JsonSerializable;
import io.nats.client.support.JwtUtils;
import java.security.SecureRandom;

/** An operator, and an account with JetStream, as servers have them that know no user. */
final class JwtAccounts {

    private static final String ACCOUNT =
            """
            {"type":"account","version":2,"limits":{"subs":-1,"data":-1,"payload":-1,"imports":-1,\
            "exports":-1,"wildcards":true,"conn":-1,"leaf":-1,"mem_storage":-1,"disk_storage":-1,\
            "streams":-1,"consumer":-1}}\
            """;

    private final NKey operator;
    private final NKey system;
    private final NKey account;

    JwtAccounts() throws Exception {
        var random = new SecureRandom();
        operator = NKey.createOperator(random);
        system = NKey.createAccount(random);
        account = NKey.createAccount(random);
    }

    /** {@return what a server's configuration says of them} */
    String configuration() throws Exception {
        String claims =
                "{\"type\":\"operator\",\"version\":2,\"system_account\":\"" + id(system) + "\"}";
        return """
        operator: %s
        system_account: %s
        resolver: MEMORY
        resolver_preload: { %s: %s, %s: %s }
        """
                .formatted(
                        byOperator(operator, claims),
                        id(system),
                        id(system),
                        byOperator(system, "{\"type\":\"account\",\"version\":2}"),
                        id(account),
                        byOperator(account, ACCOUNT));
    }

    /** {@return the text of a credentials file for a new user} */
    String newUser() throws Exception {
        NKey user = NKey.createUser(new SecureRandom());
        return JwtUtils.NATS_USER_JWT_FORMAT.formatted(
                JwtUtils.issueUserJWT(account, id(account), id(user)), new String(user.getSeed()));
    }

    private String byOperator(NKey subject, String claims) throws Exception {
        JsonSerializable json = () -> claims;
        return JwtUtils.issueJWT(
                operator,
                id(subject),
                "test",
                null,
                JwtUtils.currentTimeSeconds(),
                id(operator),
                json);
    }

    private static String id(NKey key) throws Exception {
        return new String(key.getPublicKey());
    }
}
