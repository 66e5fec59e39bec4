#!/usr/bin/env bash
# Gets what the integration tests need beside Java and Maven; ./test calls it first. Again and again: what is there
# already costs nothing.
#
#   from Debian's packages, installed (as root, or by sudo where it asks for no password):
#       nginx, Chromium, OpenSSL, Redis, PostgreSQL. None is started: the tests start their own, on free ports.
#   from packages of other Debian suites, only unpacked, to scripts/cache/servers:
#       nats-old        a NATS server before 2.11
#       nats-current    a NATS server of today
#       valkey
#
# What cannot be had is named, and its tests are skipped; with REQUIRE_ALL_SERVERS=true or CI=true that is a
# failure. To get the newest again, remove scripts/cache.

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

UNPACKED=scripts/cache/servers

# Its 2.9.10 lacks batched direct gets and per-key TTL, as many servers in use do.
OLD_NATS_SUITE=bookworm
CURRENT_NATS_SUITE=testing

say() {
    echo "scripts/servers.sh: $*" >&2
}

as_root() {
    if ((EUID == 0)); then
        env "$@"
    else
        sudo -n env "$@"
    fi
}

can_install() {
    command -v apt-get >/dev/null && { ((EUID == 0)) || sudo -n true 2>/dev/null; }
}

# The Debian packages that are missing, one a line.
missing_packages() {
    local PATH=$PATH:/usr/sbin
    command -v nginx >/dev/null || echo nginx-light
    command -v chromium >/dev/null || echo chromium
    command -v openssl >/dev/null || echo openssl
    command -v redis-server >/dev/null || echo redis-server
    compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || command -v postgres >/dev/null || echo postgresql
    # Without any font, Chromium shows no text.
    compgen -G '/usr/share/fonts/truetype/*/*' >/dev/null || [[ $OSTYPE == darwin* ]] || echo fonts-dejavu-core
}

# install_packages PACKAGE...
install_packages() {
    # Debian starts what it installs, on the usual ports, unless this file forbids it.
    local policy=/usr/sbin/policy-rc.d status=0
    local -a apt=(as_root DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 -qq)
    if [[ ! -e $policy ]]; then
        # shellcheck disable=SC2016 # $1 is for the inner shell
        as_root sh -c 'printf "#!/bin/sh\nexit 101\n" >"$1" && chmod 755 "$1"' sh "$policy"
    else
        policy=
    fi
    { "${apt[@]}" update && "${apt[@]}" install --yes --no-install-recommends "$@"; } </dev/null >&2 || status=$?
    if [[ -n $policy ]]; then
        as_root rm -f "$policy"
    fi
    return "$status"
}

# debian_mirror SUITE: where this machine gets that suite of Debian from.
debian_mirror() {
    # A field that is not known is printed as it is asked for: so is the origin, before the first `apt-get update`.
    # shellcheck disable=SC2016 # the fields are apt's
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)' 'Created-By: Packages' |
        awk -v suite="$1" '
            $2 == suite && $3 == "main" && $1 !~ /^cdrom:/ {
                if ($4 == "Debian") { known = known ? known : $1 } else if ($4 ~ /^\$/) { other = other ? other : $1 }
            }
            END { print known ? known : other }'
}

archive_keyring() {
    local file
    for file in /usr/share/keyrings/debian-archive-keyring.{pgp,gpg}; do
        if [[ -e $file ]]; then
            echo "$file"
            return
        fi
    done
}

missing_unpacked() {
    [[ -x $UNPACKED/nats-old/usr/sbin/nats-server ]] || echo nats-old
    [[ -x $UNPACKED/nats-current/usr/sbin/nats-server ]] || echo nats-current
    [[ -x $UNPACKED/valkey/usr/bin/valkey-server ]] || echo valkey
}

# unpack NAME SUITE PACKAGE...: from the suite, with `apt` and `work` of the caller.
unpack() {
    local name=$1 suite=$2 archive
    shift 2
    local new=$work/$name
    mkdir -p "$new/packages" "$new/files"
    (cd "$new/packages" && "${apt[@]}" download "${@/%//$suite}") >&2 || return
    for archive in "$new"/packages/*.deb; do
        dpkg-deb --extract "$archive" "$new/files" || return
        say "$name: $(dpkg-deb --field "$archive" Package) $(dpkg-deb --field "$archive" Version)"
    done
    rm -rf "${UNPACKED:?}/$name"
    mv "$new/files" "$UNPACKED/$name"
}

# unpack_all NAME...: those of missing_unpacked. Apt gets sources, lists and caches of its own, so that the machine's
# stay as they are, and it needs no root.
unpack_all() {
    local codename mirror keyring work name suite
    # shellcheck disable=SC1091 # the machine's
    codename=$(. /etc/os-release && [[ ${ID:-} == debian ]] && echo "${VERSION_CODENAME:-}") || codename=
    if [[ -z $codename ]]; then
        say "this is no Debian release"
        return 1
    fi
    mirror=$(debian_mirror "$codename")
    keyring=$(archive_keyring)
    if [[ -z $mirror || -z $keyring ]]; then
        say "apt has no source for $codename main, or there is no debian-archive-keyring"
        return 1
    fi

    mkdir -p "$UNPACKED"
    work=$(mktemp -d "$PWD/scripts/cache/apt.XXXXXX")
    # shellcheck disable=SC2064 # now: $work is local
    trap "rm -rf '$work'" EXIT
    mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial"
    for suite in "$codename" "$codename-backports" "$OLD_NATS_SUITE" "$CURRENT_NATS_SUITE"; do
        echo "deb [target=Packages signed-by=$keyring] $mirror $suite main"
    done | sort -u >"$work/sources.list"
    local -a apt=(
        apt-get -qq
        -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o "Dir::State=$work/state" -o Dir::State::status=/dev/null -o "Dir::Cache=$work/cache"
        -o Acquire::Languages=none -o Acquire::Retries=3
        # The user it would drop to may not be able to enter this directory.
        -o "APT::Sandbox::User=$(id -un)"
    )
    # One suite less is no failure yet: each server says what it misses.
    "${apt[@]}" update </dev/null >&2 || say "apt-get update: not all suites"
    for name; do
        case $name in
        nats-old) unpack "$name" "$OLD_NATS_SUITE" nats-server ;;
        nats-current) unpack "$name" "$CURRENT_NATS_SUITE" nats-server ;;
        # Its libraries are those of redis-server. A later suite's would not find its libc.
        valkey)
            unpack "$name" "$codename-backports" valkey-server valkey-tools ||
                unpack "$name" "$codename" valkey-server valkey-tools
            ;;
        esac || say "$name: not to be had"
    done
}

# Read into arrays word by word: the bash of macOS has no mapfile.
# shellcheck disable=SC2207
missing=($(missing_packages))
if ((${#missing[@]})) && can_install; then
    say "installing ${missing[*]}"
    install_packages "${missing[@]}" || say "apt-get failed"
fi
# shellcheck disable=SC2207
missing=($(missing_unpacked))
if ((${#missing[@]})); then
    say "getting ${missing[*]}"
    unpack_all "${missing[@]}" || true
fi

# shellcheck disable=SC2207
packages=($(missing_packages))
# shellcheck disable=SC2207
unpacked=($(missing_unpacked))
((${#packages[@]} + ${#unpacked[@]})) || exit 0

say "MISSING:" ${packages[@]+"${packages[@]}"} ${unpacked[@]+"${unpacked[@]}"}
if ((${#packages[@]})); then
    say "on Debian: sudo apt-get install ${packages[*]}"
fi
if [[ ${REQUIRE_ALL_SERVERS:-} == true || ${CI:-} == true ]]; then
    say "FAILED: REQUIRE_ALL_SERVERS=true or CI=true, and not all servers are there"
    exit 1
fi
say "going on without; the tests that need them are skipped"
