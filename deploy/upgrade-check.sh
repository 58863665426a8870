#!/usr/bin/env bash
# From one version to the next and back, service by service, on the same volumes, topics and open grants:
#   deploy/upgrade-check.sh [REF]
# REF is the version before: the last tag, or else the commit before this one. The compose system starts as REF, all of it, by REF's own compose file and
# setup; a grant is opened and stays. Then `topics` of what is checked out here runs, as docs/running.md says, and each service, in random order, becomes
# what is here, and after that REF again. After each change a new grant is opened and closed in both clouds, and the one that was open is open still; at the
# end it is closed by whoever is there then.
# Skipped, loudly, where no Docker engine can be had. LIMIT is its time in seconds, builds included; ORDER="a b c" is the order of the services.
set -euo pipefail
cd "$(dirname "$0")/.."
check=upgrade-check
LIMIT=${LIMIT:-1800}
ref=$(git rev-parse --verify "${1:-$(git describe --tags --abbrev=0 2>/dev/null || echo HEAD~1)}^{commit}")
. deploy/compose-lib.sh

old=$work/old
git worktree add -q --detach "$old" "$ref"
side=new
dc() { # Compose, by the files and images of the side whose turn it is
  case $side in
    old) (cd "$old" && POSTERN_VERSION=old-$$ "${compose[@]}" -p "$project" --env-file deploy/sim.env --profile sim "${files[@]}" "$@") ;;
    new) "${compose[@]}" -p "$project" --env-file deploy/sim.env --profile sim "${files[@]}" "$@" ;;
  esac
}
also_ended() {
  side=new dc down -v -t 5 --remove-orphans >/dev/null 2>&1 || true
  git worktree remove --force "$old" || true
  docker image ls -q --filter "reference=postern/*:old-$$" | sort -u | xargs -r docker image rm -f >/dev/null 2>&1 || true
}
say "from $(git log -1 --format='%h %s' "$ref") to what is here"
mvn -q -B -ntp -Pimages -DskipTests -Dspotless.check.skip=true package >"$work/mvn" 2>&1 || { tail -n 20 "$work/mvn"; fail "this version does not build"; }
(cd "$old" && mvn -q -B -ntp -Pimages -DskipTests -Dspotless.check.skip=true package) >"$work/mvn" 2>&1 || { tail -n 20 "$work/mvn"; fail "$ref does not build"; }
build
side=old
build
up
tokens
t=$(now)
both 192.0.2.66 true "before: a stranger reaches port 22 in both clouds"
lock
both 192.0.2.66 false "locked down"
ask 203.0.113.99 PT1H
stays=$request
both 203.0.113.99 true "a grant that stays is open"

number=0
cycle() { # cycle WHAT: one grant from asking to closed, and the one that stays is open
  number=$((number + 1))
  t=$(now)
  ask "203.0.113.$number" PT6S
  both "203.0.113.$number" true "$1: opened"
  both "203.0.113.$number" false "$1: closed"
  told "$request" CLOSED
  both 203.0.113.99 true "$1: what was open is open"
  told "$stays" OPEN
}
change() { # change SERVICE SIDE
  side=$2
  dc up -d --no-deps --no-build "$1" >"$work/up" 2>&1 || { tail -n 20 "$work/up"; fail "$1 as $2"; }
  # A simulator has its enforcer's network. With it the simulated cloud loses all that was done to it, and the enforcer does it again.
  case $1 in
    azure-enforcer) dc up -d --no-deps --no-build --force-recreate arm-simulator >"$work/up" 2>&1 ;;
    aws-enforcer) dc up -d --no-deps --no-build --force-recreate ec2-simulator >"$work/up" 2>&1 ;;
  esac
  ready "$1"
  door
  t=$(now)
  both 192.0.2.66 false "$1 as $2: locked down"
  cycle "$1 as $2"
}
cycle "all as before"
side=new
t=$(now)
dc up -d --no-build topics >"$work/up" 2>&1 || { tail -n 20 "$work/up"; fail "topics of what is here"; }
[ "$(docker wait "$(dc ps -aq topics)")" = 0 ] || { dc logs topics; fail "topics of what is here"; }
say "topics and schemas of what is here, $(since "$t") s"
cycle "topics as new"
if [ -n "${ORDER:-}" ]; then read -ra order <<<"$ORDER"; else mapfile -t order < <(printf '%s\n' "${services[@]}" | shuf); fi
say "order: ${order[*]}"
for service in "${order[@]}"; do change "$service" new; done
for service in "${order[@]}"; do change "$service" old; done
grants=$(call "$alice" GET "$stays" | grep -o '"grants":\[.*' | grep -o '"id":"[^"]*"' | cut -d'"' -f4 | grep -v "${stays##*/}")
[ "$(wc -w <<<"$grants")" = 2 ] || fail "not two grants: $grants"
for grant in $grants; do
  call "$alice" DELETE "/api/v1/grants/$grant" >/dev/null
  [ "$(cat "$work/status")" = 202 ] || fail "closing $grant: HTTP $(cat "$work/status") $(cat "$work/body")"
done
t=$(now)
both 203.0.113.99 false "what stayed is closed"
told "$stays" CLOSED
say "all held, $(since "$begin") s"
