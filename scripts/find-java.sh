# Finds a Java installation of the version that Longwave needs. Any POSIX shell can source this file: ./run and ./test do,
# and so does bin/longwave in the distribution, which has a copy of it in lib/.

# shellcheck disable=SC2034 # LONGWAVE_JAVA is for the script that sources this one

LONGWAVE_JAVA_VERSION=25

# find_java java|javac
#
# Sets LONGWAVE_JAVA to the home of the first installation that has the program. Reads the `release` file of each
# installation: starting a JVM to ask for its version would take longer than the rest of the launcher.
find_java() {
    if _longwave_is_java "${JAVA_HOME:-}" "$1"; then
        return
    fi
    _longwave_on_path=$(command -v "$1" 2>/dev/null) &&
        _longwave_on_path=$(readlink -f "$_longwave_on_path" 2>/dev/null) || _longwave_on_path=
    if _longwave_is_java "${_longwave_on_path%/bin/*}" "$1"; then
        return
    fi
    for _longwave_home in \
        /usr/lib/jvm/* \
        /usr/lib64/jvm/* \
        /usr/java/* \
        /usr/local/java/* \
        /opt/* /opt/java/* /opt/jdk/* \
        "${SDKMAN_DIR:-${HOME:-}/.sdkman}"/candidates/java/* \
        "${ASDF_DATA_DIR:-${HOME:-}/.asdf}"/installs/java/* \
        "${HOME:-}"/.local/share/mise/installs/java/* \
        "${HOME:-}"/.jdks/* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home \
        "${HOME:-}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
        /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
        /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
        /home/linuxbrew/.linuxbrew/opt/openjdk*/libexec; do
        if _longwave_is_java "$_longwave_home" "$1"; then
            return
        fi
    done
    LONGWAVE_JAVA=
    return 1
}

# Tests whether $1 is the home of the right Java and has the program $2; if so, sets LONGWAVE_JAVA.
_longwave_is_java() {
    if [ -n "$1" ] && [ -x "$1/bin/$2" ] && [ -r "$1/release" ]; then
        while IFS= read -r _longwave_line || [ -n "$_longwave_line" ]; do
            case $_longwave_line in
            "JAVA_VERSION=\"$LONGWAVE_JAVA_VERSION\"" | "JAVA_VERSION=\"$LONGWAVE_JAVA_VERSION"[.+-]*)
                LONGWAVE_JAVA=$1
                return 0
                ;;
            esac
        done <"$1/release"
    fi
    return 1
}

# say_how_to_get_java NAME JDK|JRE: explains on stderr how to install Java.
say_how_to_get_java() {
    cat >&2 <<EOF
$1: Java $LONGWAVE_JAVA_VERSION ($2) is required, but there is none in JAVA_HOME (${JAVA_HOME:-not set}), on PATH,
or in the usual places.

Install one of these, or set JAVA_HOME to an existing installation:
  Eclipse Temurin $LONGWAVE_JAVA_VERSION      any system; Debian package temurin-$LONGWAVE_JAVA_VERSION-jdk of Adoptium's repository
  OpenJDK $LONGWAVE_JAVA_VERSION              apt-get install openjdk-$LONGWAVE_JAVA_VERSION-jdk-headless (Debian and Ubuntu releases that have it)
  SDKMAN                  sdk install java $LONGWAVE_JAVA_VERSION-tem
  Homebrew                brew install openjdk@$LONGWAVE_JAVA_VERSION
EOF
}
