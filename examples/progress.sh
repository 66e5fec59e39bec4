#!/bin/sh
# A job that publishes its progress to the topic jobs/<id> and ends the topic when it is done.
#
#   examples/progress.sh [id]
#
# Environment: LONGWAVE_URL, the server's URL; the default is http://127.0.0.1:8080.
# To watch the job: curl -N http://127.0.0.1:8080/events/jobs/<id>?since=earliest

set -eu

server=${LONGWAVE_URL:-http://127.0.0.1:8080}
job=${1:-$$}
run=$(date +%s)-$$
topic=$server/events/jobs/$job

# publish STEP TYPE DATA [&end=true]
#
# The message ID identifies the run and the step and makes retries safe: if only the response was lost, the server
# ignores the repeated event.
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
