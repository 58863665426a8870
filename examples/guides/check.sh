#!/usr/bin/env bash
# Runs the commands of the guides as they are written, but for the ports, in a directory that looks like a fresh checkout.
set -euo pipefail

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
home=$(CDPATH= cd -- "$here/../.." && pwd)
# shellcheck source=examples/lib.sh
. "$home/examples/lib.sh"

node --test "$here" >"$work/test.log" || { cat "$work/test.log"; fail "what finds the commands does not"; }
"$home/postern" --version >/dev/null

# Everything as it is, but examples, where the guides install: a copy without what is installed.
checkout=$work/postern
mkdir "$checkout"
for entry in "$home"/*; do
  [ "$(basename "$entry")" = examples ] || ln -s "$entry" "$checkout/"
done
(cd "$home" && find examples -name node_modules -prune -o -type f -print | tar cf - -T -) | tar xf - -C "$checkout"

export BEFORE="$here" WORK="$work" POSTERN_URL="$web" SAID="$work/said" UP_LOG="$work/up.log" UP_PID="$work/up.pid"
wait_until_up() {
  up=$(cat "$UP_PID")
  until_true 120 "ready" is_ready
}
# In this order: the first starts what all of them talk to, audit.md has the record of it, and the simulators are disturbed last.
guides=(docs/guide-publish-a-request.md README.md docs/assessment.md docs/defender-api.md docs/audit.md cloud-simulators/ARM.md cloud-simulators/EC2.md)
(cd "$home" && node "$here/run.mjs" "${guides[@]}") >"$work/guides.sh" || fail "a guide cannot be read"
cd "$checkout"
# In this shell, so that what stays running is ended with it.
# shellcheck source=/dev/null
. "$work/guides.sh" > >(tee "$SAID")
echo "check: the commands of the guides do what they say"
