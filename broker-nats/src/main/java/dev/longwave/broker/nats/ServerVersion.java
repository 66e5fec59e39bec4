package dev.longwave.broker.nats;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server's version, which says what features it has. A pre-release comes before its release, but
 * has the same features; build metadata is ignored.
 *
 * @param major 2 at present
 * @param minor the release line, which adds features
 * @param patch the release
 * @param preview whether it is a pre-release
 */
record ServerVersion(int major, int minor, int patch, boolean preview)
        implements Comparable<ServerVersion> {

    // For example 2.11.3, 2.10.0-preview.2, 2.12.1+build, or v2.9.10; the patch may be missing.
    private static final Pattern TEXT =
            Pattern.compile("v?(\\d{1,9})\\.(\\d{1,9})(?:\\.(\\d{1,9}))?(-[^+]+)?(\\+.*)?");

    /**
     * {@return the version in {@code text}}
     *
     * @throws IllegalArgumentException if it is not a version
     */
    static ServerVersion parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a server version text=" + text);
        }
        String patch = matcher.group(3);
        return new ServerVersion(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                patch == null ? 0 : Integer.parseInt(patch),
                matcher.group(4) != null);
    }

    /** {@return whether it belongs to this release line or a later one, pre-releases included} */
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
