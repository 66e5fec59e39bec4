package dev.longwave.server.publish;

import dev.longwave.server.http.ContentType;
import dev.longwave.server.http.Problem;

/** Refuses the bodies of forms, which nobody means to publish as they are. */
final class Forms {
    /*
     * curl -d and many libraries declare a form without being asked, and send data that is none. Those that do send
     * one, from URLSearchParams, say its charset: what is declared without it is taken as it is.
     */
    private static final String MULTIPART = "multipart/";
    private static final String URL_ENCODED = "application/x-www-form-urlencoded";

    private Forms() {}

    static void refuse(ContentType type) {
        if (isForm(type)) {
            throw Problem.formBody(type.essence()).exception();
        }
    }

    private static boolean isForm(ContentType type) {
        return type.essence().startsWith(MULTIPART)
                || (type.is(URL_ENCODED) && type.text().contains("charset"));
    }
}
