# Functions that the measuring scripts share; they source this file.
# shellcheck shell=bash

: "${repository:?set it to the root of the repository before sourcing this file}"

SERVER_CORE=0
LOAD_CORE=1
READY_SECONDS=30

# usage SCRIPT: prints its leading comment.
usage() {
    sed -n '2,/^$/s/^# \{0,1\}//p' "$1"
}

# A port outside the range that outgoing connections take their ports from.
free_port() {
    local port
    while port=$((20000 + RANDOM % 12000)); do
        if ! listens "$port"; then
            echo "$port"
            return
        fi
    done
}

listens() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# await PROCESS LOG WHAT COMMAND...: until the command succeeds.
await() {
    local process=$1 log=$2 what=$3 deadline=$((SECONDS + READY_SECONDS))
    until "${@:4}"; do
        if ((SECONDS > deadline)) || ! kill -0 "$process" 2>/dev/null; then
            cat "$log" >&2
            echo "does not start: $what" >&2
            exit 1
        fi
        sleep 0.1
    done
}

# build_all [CHECKOUT]
build_all() {
    (cd "${1:-$repository}" && JAVA_HOME=$LONGWAVE_JAVA mvn -B -q -ntp -DskipTests -Dspotless.check.skip \
        -pl dist,benchmarks -am package </dev/null >&2)
}

# commit [CHECKOUT]
commit() {
    (cd "${1:-$repository}" && git describe --always --dirty --abbrev=12)
}

# median KEY FILE...: the median of a number in the raw results, or nothing where no file has it.
median() {
    numbers "$@" | sort -g | awk '{ value[NR] = $1 } END {
        if (NR) print NR % 2 ? value[(NR + 1) / 2] : (value[NR / 2] + value[NR / 2 + 1]) / 2
    }'
}

# largest KEY FILE...: likewise.
largest() {
    numbers "$@" | sort -g | tail -n 1
}

numbers() {
    awk -F': ' -v key="\"$1\"" '{
        gsub(/^ +/, "", $1)
        if ($1 == key) { sub(/,$/, "", $2); print $2 }
    }' "${@:2}" 2>/dev/null
}

machine_facts() {
    cat <<END
# Where and how

- CPU: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores; server on core $SERVER_CORE, load on core $LOAD_CORE
- Memory: $(awk '/^MemTotal/ { printf "%.1f GiB", $2 / 1048576 }' /proc/meminfo)
- Kernel: $(uname -sr); open files: $(ulimit -n)
- JDK: $("$LONGWAVE_JAVA/bin/java" --version | sed -n 2p)
- JVM flags: $(sed -n "s/^ *defaults=['\"]\(.defaults \)*\(.*\)['\"]$/\2/p" "$repository"/dist/target/longwave-*/bin/longwave | xargs) ${LONGWAVE_JAVA_OPTS:-}
- Commit: $(cd "$repository" && git rev-parse HEAD)$(cd "$repository" && [[ -z $(git status --porcelain --untracked-files=no) ]] || echo ', with changes')
END
}
