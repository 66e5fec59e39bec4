package dev.longwave.server.net;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import javax.security.auth.x500.X500Principal;

/**
 * Makes certificates that certify themselves, for development: RFC 5280, section 4.1, in DER. The
 * JDK reads certificates, and has no public way to make one.
 */
final class SelfSignedCertificate {

    /** Apple's systems accept no more. */
    private static final Duration VALIDITY = Duration.ofDays(398);

    private static final DateTimeFormatter UTC_TIME =
            DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int OCTET_STRING = 0x04;
    private static final int UTC = 0x17;
    private static final int SEQUENCE = 0x30;
    private static final int VERSION = 0xa0;
    private static final int EXTENSIONS = 0xa3;
    private static final int DNS_NAME = 0x82;
    private static final int IP_ADDRESS = 0x87;

    private static final byte[] VERSION_3 = {INTEGER, 1, 2};
    private static final byte[] ECDSA_WITH_SHA256 = {
        SEQUENCE, 10, 6, 8, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 4, 3, 2
    };
    private static final byte[] SUBJECT_ALTERNATIVE_NAME = {6, 3, 0x55, 0x1d, 0x11};
    private static final byte[] EXTENDED_KEY_USAGE = {6, 3, 0x55, 0x1d, 0x25};
    private static final byte[] SERVER_AUTH = {6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 1};
    private static final byte[] CLIENT_AUTH = {6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 2};

    private SelfSignedCertificate() {}

    /**
     * A new key, and a certificate of it that is valid from yesterday on.
     *
     * @param names host names, of which the first is its subject's
     * @param addresses IP addresses
     */
    static ServerCertificate of(List<String> names, List<InetAddress> addresses) {
        Instant from = Instant.now().minus(Duration.ofDays(1));
        return of(names, addresses, from, from.plus(VALIDITY));
    }

    /** As {@link #of}, with the time in which it is valid. */
    static ServerCertificate of(
            List<String> names, List<InetAddress> addresses, Instant from, Instant until) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            byte[] subject = new X500Principal("CN=" + names.getFirst()).getEncoded();
            byte[] body =
                    der(
                            SEQUENCE,
                            der(VERSION, VERSION_3),
                            der(INTEGER, new BigInteger(63, new SecureRandom()).toByteArray()),
                            ECDSA_WITH_SHA256,
                            subject,
                            der(SEQUENCE, time(from), time(until)),
                            subject,
                            pair.getPublic().getEncoded(),
                            der(EXTENSIONS, der(SEQUENCE, names(names, addresses), usage())));
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(pair.getPrivate());
            signature.update(body);
            byte[] certificate =
                    der(
                            SEQUENCE,
                            body,
                            ECDSA_WITH_SHA256,
                            der(BIT_STRING, new byte[1], signature.sign()));
            var parsed =
                    (X509Certificate)
                            CertificateFactory.getInstance("X.509")
                                    .generateCertificate(new ByteArrayInputStream(certificate));
            return new ServerCertificate(List.of(parsed), pair.getPrivate(), "self-signed");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has these algorithms", e);
        }
    }

    private static byte[] names(List<String> names, List<InetAddress> addresses) {
        var all = new ByteArrayOutputStream();
        names.forEach(
                name -> all.writeBytes(der(DNS_NAME, name.getBytes(StandardCharsets.US_ASCII))));
        addresses.forEach(address -> all.writeBytes(der(IP_ADDRESS, address.getAddress())));
        return extension(SUBJECT_ALTERNATIVE_NAME, all.toByteArray());
    }

    private static byte[] usage() {
        return extension(EXTENDED_KEY_USAGE, SERVER_AUTH, CLIENT_AUTH);
    }

    private static byte[] extension(byte[] id, byte[]... values) {
        return der(SEQUENCE, id, der(OCTET_STRING, der(SEQUENCE, values)));
    }

    private static byte[] time(Instant time) {
        return der(UTC, UTC_TIME.format(time).getBytes(StandardCharsets.US_ASCII));
    }

    /** A value with its tag and length: ITU-T X.690, section 8.1. */
    private static byte[] der(int tag, byte[]... contents) {
        var content = new ByteArrayOutputStream();
        for (byte[] part : contents) {
            content.writeBytes(part);
        }
        int length = content.size();
        var value = new ByteArrayOutputStream();
        value.write(tag);
        if (length < 0x80) {
            value.write(length);
        } else {
            byte[] bytes = BigInteger.valueOf(length).toByteArray();
            int from = bytes[0] == 0 ? 1 : 0;
            value.write(0x80 | (bytes.length - from));
            value.write(bytes, from, bytes.length - from);
        }
        value.writeBytes(content.toByteArray());
        return value.toByteArray();
    }
}
