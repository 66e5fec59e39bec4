package dev.longwave.server.auth;

import dev.longwave.server.auth.Identity.Validity;
import dev.longwave.server.session.Credential;
import io.helidon.webserver.http.ServerRequest;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.naming.InvalidNameException;
import javax.naming.NamingException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * Takes the certificate that a client has shown over TLS for its identity. Safe for many threads.
 */
final class ClientCertificates {
    /*
     * The handshake has verified it: a client with any other certificate has no connection.
     *
     * Who it is, is the common name of its subject, as that can be a segment of a topic, and a whole name cannot. A
     * subject without a common name, or with several, is nobody's: it is not for us to choose.
     */

    /**
     * What these credentials' subjects begin with, so that they are not taken for those of tokens.
     */
    static final String PREFIX = "cert:";

    private static final String COMMON_NAME = "CN";
    private static final int MAX_LENGTH = 255;

    private final Supplier<AccessRules> rules;
    private final Validity validity;

    ClientCertificates(Supplier<AccessRules> rules, Validity validity) {
        this.rules = rules;
        this.validity = validity;
    }

    /**
     * {@return the client that has shown a certificate with {@code request}'s connection; empty if
     * it has shown none}
     *
     * @throws dev.longwave.server.http.ProblemException if the certificate names nobody
     */
    Optional<Identity> identify(ServerRequest request) {
        return request.remotePeer()
                .tlsCertificates()
                .filter(chain -> chain.length > 0)
                .map(chain -> identity(chain[0]));
    }

    private Identity identity(Certificate shown) {
        if (!(shown instanceof X509Certificate certificate)) {
            throw refused("the certificate is not an X.509 certificate");
        }
        String name = commonName(certificate);
        var grant = new Grant(Permissions.NONE, Grantee.certificate(name));
        return Identity.of(
                new Credential(
                        PREFIX + name,
                        null,
                        certificate.getNotBefore().toInstant(),
                        certificate.getNotAfter().toInstant(),
                        null),
                new Rights(() -> grant, rules),
                validity);
    }

    private static String commonName(X509Certificate certificate) {
        List<Object> names = commonNames(certificate.getSubjectX500Principal().getName());
        if (names.size() == 1
                && names.getFirst() instanceof String name
                && !name.isBlank()
                && name.length() <= MAX_LENGTH
                && name.chars().noneMatch(Character::isISOControl)) {
            return name;
        }
        throw refused(
                "the subject of the certificate must have one common name of 1 to %d characters"
                        .formatted(MAX_LENGTH));
    }

    private static List<Object> commonNames(String distinguishedName) {
        var names = new ArrayList<Object>();
        try {
            for (Rdn part : new LdapName(distinguishedName).getRdns()) {
                var values = part.toAttributes().get(COMMON_NAME);
                if (values != null) {
                    values.getAll().asIterator().forEachRemaining(names::add);
                }
            }
            return names;
        } catch (InvalidNameException e) {
            throw refused("the subject of the certificate is not valid");
        } catch (NamingException e) {
            throw new IllegalStateException("attributes at hand can be read", e);
        }
    }

    private static RuntimeException refused(String words) {
        return Refusals.credentialRefused("certificate", words).exception();
    }
}
