#!/bin/sh
# A job that says how far it is: publishes its progress to the topic jobs/<id>, and ends the topic when it is done.
#
#   examples/progress.sh [id]
#
# Environment: LONGWAVE_URL, the server; http://127.0.0.1:8080 unless it is set.
# Whoever wants to watch: curl -N http://127.0.0.1:8080/events/jobs/<id>?since=earliest

set -eu

server=${LONGWAVE_URL:-http://127.0.0.1:8080}
job=${1:-$$}
run=$(date +%s)-$$
topic=$server/events/jobs/$job

# publish STEP TYPE DATA [&end=true]
#
# The message id, which belongs to this run and step, makes it safe to try again: if only the answer was lost, the server
# keeps the first one.
publish() {
    curl --silent --show-error --fail --max-time 10 --retry 5 --retry-connrefused --output /dev/null \
        --data-binary "$3" "$topic?type=$2&id=$run-$1${4:-}"
}

echo "watch it: curl -N '$topic?since=earliest'"
steps=10
step=1
while [ "$step" -le "$steps" ]; do
    sleep 0.5 # the work
    publish "$step" progress "{\"percent\":$((100 * step / steps))}"
    step=$((step + 1))
done
publish done done '{"result":"42 files"}' '&end=true'
echo "done: $job"
