# shellcheck shell=sh disable=SC2034,SC2154 # bin/longwave reads LONGWAVE_AOT_OPTION and sets home and CLASSPATH
#
# Chooses the JVM's option for the AOT cache that LONGWAVE_AOT_CACHE names. Sourced by bin/longwave; any POSIX shell.
#
# The JVM writes the cache while it ends, and may be killed before it has finished. So it never writes to FILE itself:
#
#   FILE.new.CONDITIONS.XXXXXX   what a JVM writes. The next start under the same conditions has another JVM check
#                                whether it is complete, and renames it to FILE.
#   FILE.checked                 the checksum of FILE when it was accepted, and the conditions. A start uses FILE only
#                                if both still match; otherwise the cache is made again. The JVM does not check as much
#                                by itself: a damaged cache can crash it.
#
# The conditions are a checksum of what a cache depends on: the JDK, the libraries and the JVM's options. Two servers
# that start at once write two caches; the first complete one becomes FILE, and a later start removes the other.

# choose_aot_cache FILE JVM-OPTION...: sets LONGWAVE_AOT_OPTION, which is empty if the JVM must start without a cache.
# Leaves the expansion of file patterns on.
choose_aot_cache() {
    set +f
    _longwave_cache=$1
    shift
    LONGWAVE_AOT_OPTION=
    _longwave_conditions=$(_longwave_aot_conditions "$@")
    if _longwave_is_usable "$_longwave_cache"; then
        LONGWAVE_AOT_OPTION=-XX:AOTCache=$_longwave_cache
        _longwave_remove_old_caches
        return
    fi
    for _longwave_new in "$_longwave_cache.new.$_longwave_conditions".??????; do
        if [ -s "$_longwave_new" ] && _longwave_is_complete "$_longwave_new" "$@"; then
            # Another start may have accepted one meanwhile. Neither can where the file system is read-only.
            if _longwave_accept "$_longwave_new" || _longwave_is_usable "$_longwave_cache"; then
                LONGWAVE_AOT_OPTION=-XX:AOTCache=$_longwave_cache
                return
            elif [ -e "$_longwave_new" ]; then
                LONGWAVE_AOT_OPTION=-XX:AOTCache=$_longwave_new
                return
            fi
        fi
    done
    _longwave_remove_old_caches
    if _longwave_new=$(mktemp "$_longwave_cache.new.$_longwave_conditions.XXXXXX" 2>/dev/null); then
        LONGWAVE_AOT_OPTION=-XX:AOTCacheOutput=$_longwave_new
    else
        echo "longwave: starting without an AOT cache: cannot write LONGWAVE_AOT_CACHE=$_longwave_cache." \
            "Name a file in a folder that this user may write to" >&2
    fi
}

_longwave_aot_conditions() {
    { echo "$*" && echo "$LONGWAVE_JAVA" && cat "$LONGWAVE_JAVA/release" && wc -c "$home"/lib/*.jar; } |
        cksum | tr ' ' -
}

# The JVM wants each library to be as old as it was when the cache was made, and else starts without the cache.
_longwave_is_usable() {
    [ -r "$1" ] && [ -r "$1.checked" ] &&
        [ "$(cat "$1.checked")" = "$(cksum <"$1") $_longwave_conditions" ] &&
        [ -z "$(find "$home/lib" -name '*.jar' -newer "$1")" ]
}

# _longwave_is_complete FILE JVM-OPTION...: VerifySharedSpaces makes the JVM compute the checksum of each part.
_longwave_is_complete() {
    _longwave_candidate=$1
    shift
    "$LONGWAVE_JAVA/bin/java" "$@" -XX:AOTMode=on "-XX:AOTCache=$_longwave_candidate" -XX:+VerifySharedSpaces \
        -version >/dev/null 2>&1
}

# A start that reads between the two renames finds that FILE and FILE.checked do not match, and does not use FILE.
_longwave_accept() {
    _longwave_checked=$(mktemp "$_longwave_cache.checked.XXXXXX" 2>/dev/null) || return
    if echo "$(cksum <"$1") $_longwave_conditions" >"$_longwave_checked" && chmod 644 "$_longwave_checked" &&
        mv -f "$1" "$_longwave_cache" && mv -f "$_longwave_checked" "$_longwave_cache.checked"; then
        return
    fi 2>/dev/null
    rm -f "$_longwave_checked"
    return 1
}

# A day old: of servers that were killed, or of another release. A server that still runs creates its file again.
_longwave_remove_old_caches() {
    set -- "$(basename "$_longwave_cache")"
    find "$(dirname "$_longwave_cache")/." ! -name . -prune -type f -mtime +0 \
        \( -name "$1.new.[0-9]*-[0-9]*.??????*" -o -name "$1.checked.??????" \) -exec rm -f {} + 2>/dev/null || :
}
