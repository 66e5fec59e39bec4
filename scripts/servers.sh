#!/usr/bin/env bash
# Installs what the integration tests need in addition to Java and Maven; ./test calls it first. It can run repeatedly and
# skips what is already installed.
#
#   from Debian packages, installed (as root, or with sudo if it asks for no password):
#       nginx, HAProxy, Caddy, Apache httpd, Varnish, Squid, Chromium, Firefox, OpenSSL, Redis, PostgreSQL, PgBouncer. None
#       is started: the tests start their own, on free ports.
#       Go, unless h2spec is built already; Node.js with npm, Python with venv, and Ruby on Rails with Puma, for the recipes
#       in examples/sign-in
#   from packages of other Debian suites, only unpacked, to scripts/cache/servers:
#       nats-old        a NATS server before 2.11
#       nats-current    a current NATS server
#       valkey
#       prometheus      its promtool checks metrics and alert rules
#   built with Go, from scripts/h2spec, to scripts/cache/servers:
#       h2spec          checks HTTP/2
#   from PyPI, to a virtual environment in scripts/cache/servers:
#       kosoku          checks WebSocket, with the cases of Autobahn
#
# The script names what it could not install, and the tests that need it are skipped; with REQUIRE_ALL_SERVERS=true or
# CI=true that is a failure. To get the newest versions, remove scripts/cache.

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

UNPACKED=scripts/cache/servers
H2SPEC=$UNPACKED/h2spec/h2spec
KOSOKU=$UNPACKED/kosoku/bin/kosoku
KOSOKU_VERSION=0.1.0

# Its NATS 2.9.10 lacks batched direct gets and per-key TTL, as do many servers in use.
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

# Prints the missing Debian packages, one per line.
missing_packages() {
    local PATH=$PATH:/usr/sbin:/usr/local/go/bin
    command -v nginx >/dev/null || echo nginx-light
    command -v haproxy >/dev/null || echo haproxy
    command -v caddy >/dev/null || echo caddy
    command -v apache2 >/dev/null || echo apache2-bin
    command -v varnishd >/dev/null || echo varnish
    command -v squid >/dev/null || echo squid
    command -v chromium >/dev/null || echo chromium
    command -v firefox-esr >/dev/null || command -v firefox >/dev/null || echo firefox-esr
    command -v openssl >/dev/null || echo openssl
    command -v curl >/dev/null || echo curl
    command -v node >/dev/null || echo nodejs
    command -v npm >/dev/null || echo npm
    ruby -e 'require "rails"' 2>/dev/null || echo ruby-railties
    command -v puma >/dev/null || echo puma
    # Debian's Python comes without what makes virtual environments.
    python3 -c 'import ensurepip' 2>/dev/null || printf '%s\n' python3 python3-venv
    command -v redis-server >/dev/null || echo redis-server
    compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || command -v postgres >/dev/null || echo postgresql
    command -v pgbouncer >/dev/null || echo pgbouncer
    [[ -x $H2SPEC ]] || command -v go >/dev/null || echo golang-go
    # Without a font, Chromium shows no text.
    compgen -G '/usr/share/fonts/truetype/*/*' >/dev/null || [[ $OSTYPE == darwin* ]] || echo fonts-dejavu-core
}

# install_packages PACKAGE...
install_packages() {
    # Debian starts the servers it installs, on their usual ports, unless this file forbids it.
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

# debian_mirror SUITE: prints the mirror from which this machine gets that suite of Debian.
debian_mirror() {
    # apt prints an unknown field unchanged; before the first `apt-get update`, the origin is unknown.
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
    [[ -x $UNPACKED/prometheus/usr/bin/promtool ]] || echo prometheus
}

# unpack NAME SUITE PACKAGE...: unpacks packages of the suite; uses `apt` and `work` of the caller.
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

# unpack_all NAME...: takes names from missing_unpacked. apt uses separate sources, lists, and caches, so those of the
# machine stay unchanged and it does not need root.
unpack_all() {
    local codename mirror keyring work name suite
    # shellcheck disable=SC1091 # the machine's
    codename=$(. /etc/os-release && [[ ${ID:-} == debian ]] && echo "${VERSION_CODENAME:-}") || codename=
    if [[ -z $codename ]]; then
        say "this system is not a Debian release"
        return 1
    fi
    mirror=$(debian_mirror "$codename")
    keyring=$(archive_keyring)
    if [[ -z $mirror || -z $keyring ]]; then
        say "apt has no source for $codename main, or debian-archive-keyring is not installed"
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
        # The unprivileged user of apt may not be able to enter this directory.
        -o "APT::Sandbox::User=$(id -un)"
    )
    # A missing suite is not a failure yet: each server that needs it reports that.
    "${apt[@]}" update </dev/null >&2 || say "apt-get update: some suites are not available"
    for name; do
        case $name in
        nats-old) unpack "$name" "$OLD_NATS_SUITE" nats-server ;;
        nats-current) unpack "$name" "$CURRENT_NATS_SUITE" nats-server ;;
        prometheus) unpack "$name" "$codename" prometheus ;;
        # Its libraries are those of redis-server. A later suite's would not find its libc.
        valkey)
            unpack "$name" "$codename-backports" valkey-server valkey-tools ||
                unpack "$name" "$codename" valkey-server valkey-tools
            ;;
        esac || say "$name: not to be had"
    done
}

missing_built() {
    [[ -x $H2SPEC ]] || echo h2spec
    [[ -x $KOSOKU ]] || echo kosoku
}

# build_h2spec: builds it from pinned sources, which any Go since 1.17 can compile.
build_h2spec() {
    local PATH=$PATH:/usr/local/go/bin built=$PWD/$H2SPEC
    command -v go >/dev/null || return
    (cd scripts/h2spec && go build -o "$built.new" github.com/summerwind/h2spec/cmd/h2spec) >&2 &&
        mv "$built.new" "$built"
}

install_kosoku() {
    # A virtual environment cannot be moved, so one that is not complete is made again.
    local folder=$UNPACKED/kosoku
    rm -rf "$folder"
    python3 -m venv "$folder" &&
        "$folder/bin/python" -m pip --quiet install "kosoku==$KOSOKU_VERSION" >&2 || {
        rm -rf "$folder"
        return 1
    }
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
if [[ ! -x $H2SPEC ]]; then
    say "building h2spec"
    build_h2spec || say "h2spec: cannot be built"
fi
if [[ ! -x $KOSOKU ]]; then
    say "installing kosoku"
    install_kosoku || say "kosoku: cannot be installed"
fi

# shellcheck disable=SC2207
packages=($(missing_packages))
# shellcheck disable=SC2207
unpacked=($(missing_unpacked) $(missing_built))
((${#packages[@]} + ${#unpacked[@]})) || exit 0

say "MISSING:" ${packages[@]+"${packages[@]}"} ${unpacked[@]+"${unpacked[@]}"}
if ((${#packages[@]})); then
    say "on Debian: sudo apt-get install ${packages[*]}"
fi
if [[ ${REQUIRE_ALL_SERVERS:-} == true || ${CI:-} == true ]]; then
    say "FAILED: with REQUIRE_ALL_SERVERS=true or CI=true, all servers are required"
    exit 1
fi
say "continuing without them; the tests that need them are skipped"
