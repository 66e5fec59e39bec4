# shellcheck shell=bash
# What the scripts in this folder share. Sourced by them.

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd -P)
program=$(basename "$0")

fail() {
    echo "$program: $*" >&2
    exit 1
}

# usage: prints the comment at the top of the script.
usage() {
    sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
}

# unpack ARCHIVE FOLDER: unpacks an archive of Longwave, and sets home, its folder, and version.
unpack() {
    [[ -f $1 ]] || fail "there is no archive $1; to build it: mvn -DskipTests package"
    tar -xzf "$1" -C "$2" --no-same-owner
    home=$(echo "$2"/longwave-*/)
    home=${home%/}
    [[ -x $home/bin/longwave ]] || fail "$1 is not an archive of Longwave: it has no bin/longwave"
    version=$(basename "$home")
    version=${version#longwave-}
}

# built_archive: the archive that Maven has built.
built_archive() {
    local found=()
    mapfile -t found < <(find "$repository/dist/target" -maxdepth 1 -name 'longwave-*.tar.gz' ! -name '*-linux-*' 2>/dev/null)
    ((${#found[@]} == 1)) || fail "expected one archive in dist/target, but found ${#found[@]}; name one, or build it: mvn -DskipTests package"
    echo "${found[0]}"
}

# The time of all files in a package. Two builds of one commit must be the same.
if [[ -z ${SOURCE_DATE_EPOCH:-} ]]; then
    SOURCE_DATE_EPOCH=$(git -C "$repository" log -1 --format=%ct 2>/dev/null) ||
        fail "cannot read the time of the last commit; set SOURCE_DATE_EPOCH, in seconds"
fi
export SOURCE_DATE_EPOCH

# Nobody but root may write to what is installed, whatever the umask is.
set_times_and_modes() {
    chmod -R u=rwX,go=rX "$1"
    find "$1" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
}

# pack FOLDER ARCHIVE: what unpack() unpacks, whoever owns it.
pack() {
    set_times_and_modes "$1"
    tar -C "$(dirname "$1")" --sort=name --owner=0 --group=0 --numeric-owner --format=gnu -cf - "$(basename "$1")" |
        gzip -n >"$work/packed"
    mv "$work/packed" "$2"
}
