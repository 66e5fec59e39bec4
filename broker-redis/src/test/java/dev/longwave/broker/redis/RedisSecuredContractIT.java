package dev.longwave.broker.redis;

import dev.longwave.broker.testing.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The contract over TLS, as the documented user, which comes from an ACL file. */
final class RedisSecuredContractIT extends RedisContract {

    private static final String PASSWORD = "hush-4711";

    private static RedisServer server;
    private static ServerCertificate certificate;

    @BeforeAll
    static void startServer(@TempDir Path directory) throws IOException {
        certificate = ServerCertificate.make(directory, "ip:127.0.0.1");
        Path users = directory.resolve("users.acl");
        Files.writeString(
                users,
                "user default on nopass ~* &* +@all\nuser %s %s\n"
                        .formatted(AccessList.USER, String.join(" ", AccessList.rules(PASSWORD))));
        server =
                RedisServer.startWithTls(
                        RedisServer.Product.REDIS,
                        certificate.certificate(),
                        certificate.key(),
                        "--aclfile",
                        users.toString());
    }

    @AfterAll
    static void closeServer() {
        if (server != null) {
            server.close();
        }
    }

    @Override
    List<RedisServer> servers() {
        return List.of(server);
    }

    @Override
    int port(RedisServer plain) {
        return plain.tlsPort();
    }

    @Override
    Map<String, String> settings(List<Integer> ports) {
        return Map.of(
                "uri",
                "rediss://127.0.0.1:" + ports.getFirst(),
                "tls-ca-file",
                certificate.authority().toString(),
                "user",
                AccessList.USER,
                "password",
                PASSWORD,
                "timeout",
                "PT5S");
    }
}
