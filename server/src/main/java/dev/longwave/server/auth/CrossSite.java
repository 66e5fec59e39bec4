package dev.longwave.server.auth;

import dev.longwave.server.http.Fields;
import dev.longwave.server.http.TrustedProxies;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.http.ServerRequest;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Refuses requests with a visitor's cookie or certificate that pages of other sites cause: a
 * browser adds them whatever the page is. Safe for many threads.
 */
final class CrossSite {
    /*
     * Sec-Fetch-Site is the browser's own word, and pages cannot set it. A browser without it still says Origin with
     * each POST and with each request of another origin whose response the page may read. What says neither is no
     * browser, or an old one that reads; it may read, and not publish.
     */
    private static final HeaderName SITE = HeaderNames.create("Sec-Fetch-Site");
    private static final List<String> OWN_SITES = List.of("same-origin", "same-site", "none");

    private final Supplier<CorsSettings> cors;
    private final TrustedProxies proxies;

    /**
     * @param cors which other sites may use cookies
     * @param proxies says by which scheme a request came
     */
    CrossSite(Supplier<CorsSettings> cors, TrustedProxies proxies) {
        this.cors = cors;
        this.proxies = proxies;
    }

    /**
     * Checks the request.
     *
     * @throws dev.longwave.server.http.ProblemException if a page of another site caused the
     *     request, and the site is not allowed to use cookies
     */
    void check(ServerRequest request) {
        check(request, reads(request));
    }

    /**
     * Checks a request whose credential programs use as much as browsers do.
     *
     * @throws dev.longwave.server.http.ProblemException if a page of another site caused the
     *     request, and the site is not allowed to use cookies
     */
    void checkIfBrowser(ServerRequest request) {
        check(request, true);
    }

    /**
     * @param allowedToOthers whether what says nothing of itself may do this
     */
    private void check(ServerRequest request, boolean allowedToOthers) {
        List<String> sites = Fields.values(request, SITE);
        List<String> origins = Fields.values(request, HeaderNames.ORIGIN);
        boolean own =
                sites.isEmpty()
                        ? origins.isEmpty()
                                ? allowedToOthers
                                : origins.stream().allMatch(origin -> isOwn(origin, request))
                        : OWN_SITES.containsAll(sites);
        if (!own && !isNamed(origins)) {
            throw Refusals.crossSite().exception();
        }
    }

    private boolean isNamed(List<String> origins) {
        CorsSettings present = cors.get();
        return present.credentials()
                && origins.size() == 1
                && present.origins().name(origins.getFirst().toLowerCase(Locale.ROOT));
    }

    private static boolean reads(ServerRequest request) {
        Method method = request.prologue().method();
        return method.equals(Method.GET) || method.equals(Method.HEAD);
    }

    /** A page that came in the clear may be anybody's, so it is not that of an encrypted site. */
    private boolean isOwn(String origin, ServerRequest request) {
        int authority = origin.indexOf("://");
        return authority > 0
                && origin.substring(authority + 3).equalsIgnoreCase(request.authority())
                && proxies.scheme(request)
                        .filter(scheme -> !scheme.equalsIgnoreCase(origin.substring(0, authority)))
                        .isEmpty();
    }
}
