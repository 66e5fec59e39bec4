package dev.longwave.broker;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The version of these packages, {@code major.minor}. A new minor version only adds; a new major
 * version may break what was compiled against an older one.
 */
public final class SpiVersion {

    /**
     * This version. As a constant, it is copied into the classes that name it when they are
     * compiled.
     */
    public static final String CURRENT = "1.1";

    private static final Pattern FORM = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})");

    private SpiVersion() {}

    /**
     * {@return whether a provider that was compiled against {@code version} works with this one}:
     * the major version must be the same, and the minor version no newer
     */
    public static boolean accepts(String version) {
        return accepts(CURRENT, version);
    }

    static boolean accepts(String current, String version) {
        Matcher here = FORM.matcher(current);
        Matcher there = FORM.matcher(version);
        return here.matches()
                && there.matches()
                && number(here, 1) == number(there, 1)
                && number(here, 2) >= number(there, 2);
    }

    private static int number(Matcher version, int group) {
        return Integer.parseInt(version.group(group));
    }
}
