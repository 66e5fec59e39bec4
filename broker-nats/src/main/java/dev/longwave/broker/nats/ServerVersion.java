package dev.longwave.broker.nats;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server's version, for what it can do. Of what follows the three numbers only whether it is a
 * pre-release is of interest: that comes before the release, but has its features.
 *
 * @param major 2
 * @param minor the release line, in which features come
 * @param patch the release
 * @param preview whether it comes before that release
 */
record ServerVersion(int major, int minor, int patch, boolean preview)
        implements Comparable<ServerVersion> {

    // As in "2.11.3", "2.10.0-preview.2", "2.12.1+build" and "v2.9.10"; some leave out the patch.
    private static final Pattern TEXT =
            Pattern.compile("v?(\\d{1,9})\\.(\\d{1,9})(?:\\.(\\d{1,9}))?(-[^+]+)?(\\+.*)?");

    /**
     * {@return the version that {@code text} names}
     *
     * @throws IllegalArgumentException if it names none
     */
    static ServerVersion parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a server's version text=" + text);
        }
        String patch = matcher.group(3);
        return new ServerVersion(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                patch == null ? 0 : Integer.parseInt(patch),
                matcher.group(4) != null);
    }

    /** {@return whether it is of this release line or a later one, pre-releases included} */
    boolean atLeast(int wantedMajor, int wantedMinor) {
        return major != wantedMajor ? major > wantedMajor : minor >= wantedMinor;
    }

    @Override
    public int compareTo(ServerVersion other) {
        int byMajor = Integer.compare(major, other.major);
        int byMinor = Integer.compare(minor, other.minor);
        int byPatch = Integer.compare(patch, other.patch);
        if (byMajor != 0) {
            return byMajor;
        }
        if (byMinor != 0) {
            return byMinor;
        }
        return byPatch != 0 ? byPatch : Boolean.compare(other.preview, preview);
    }

    @Override
    public String toString() {
        return major + "." + minor + '.' + patch + (preview ? "-preview" : "");
    }
}
