#!/usr/bin/env bash
# The compose system, once through: build, up, one cycle in each cloud through the REST door, down. Leaves nothing behind.
# Skipped, loudly, where no Docker engine can be had. KEEP=yes leaves it running; LIMIT is its time in seconds.
# PLAIN=yes without TLS, COLD=yes times each service's cold start too, COMPOSE="docker-compose" another Compose than the first found.
# Prints what it measured. The jars must be there: mvn -Pimages package.
set -euo pipefail
cd "$(dirname "$0")/.."
limit=${LIMIT:-420}
here=${SHARED_DOCKER:-../shared/docker}

say() { printf 'compose-check: %s\n' "$*"; }
skip() { say "SKIPPED: $*"; exit 0; }
now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN {printf "%.1f", b - a}'; }

if ! docker info >/dev/null 2>&1; then
  [ -x "$here/docker-engine.sh" ] && [ "$(id -u)" = 0 ] || skip "no Docker engine"
  "$here/docker-engine.sh" >/dev/null 2>&1 || skip "the Docker engine does not start"
fi
missing=
for image in eclipse-temurin:25-jre apache/kafka:4.2.2 apicurio/apicurio-registry:3.3.3; do
  docker image inspect "$image" >/dev/null 2>&1 || timeout 120 docker pull -q "$image" >/dev/null 2>&1 || missing="$missing $image"
done
if [ -n "$missing" ]; then
  [ -x "$here/base-images.sh" ] || skip "no image${missing} to be had"
  "$here/base-images.sh" >/dev/null 2>&1 || skip "the stand-ins of${missing} cannot be built"
fi
.ci/postgres-image.sh || skip "no PostgreSQL image"
if [ -n "${COMPOSE:-}" ]; then read -ra compose <<<"$COMPOSE"
elif docker compose version >/dev/null 2>&1; then compose=(docker compose); else compose=(docker-compose); fi
command -v "${compose[0]}" >/dev/null || skip "no Compose"
[ -d request-service/target/image/lib ] || { say "no jars for the images: mvn -Pimages -DskipTests package"; exit 2; }

free_port() { # somebody listens on a port that can be connected to
  local port
  while port=$((20000 + RANDOM % 20000)) && (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}
export POSTERN_WEB_PORT=${POSTERN_WEB_PORT:-$(free_port)} POSTERN_ARM_PORT=${POSTERN_ARM_PORT:-$(free_port)}
export POSTERN_EC2_PORT=${POSTERN_EC2_PORT:-$(free_port)} POSTERN_KAFKA_PORT=${POSTERN_KAFKA_PORT:-$(free_port)}
export POSTERN_VERSION=check-$$ DOCKER_BUILDKIT=0 COMPOSE_DOCKER_CLI_BUILD=0
project=postern-check-$$
files=(-f docker-compose.yml)
[ -z "${PLAIN:-}" ] || files+=(-f deploy/plain.yml)
dc() { "${compose[@]}" -p "$project" --env-file deploy/sim.env --profile sim "${files[@]}" "$@"; }
work=$(mktemp -d)
ended() {
  status=$?
  trap - EXIT
  if [ "$status" != 0 ]; then
    dc ps -a 2>&1 | tail -n 20 || true
    dc logs --tail 40 2>&1 | cut -c1-600 | tail -n 150 || true
  fi
  if [ -z "${KEEP:-}" ]; then
    dc down -v -t 5 --remove-orphans >/dev/null 2>&1 || true
    docker image ls -q --filter "reference=postern/*:$POSTERN_VERSION" | sort -u | xargs -r docker image rm -f >/dev/null 2>&1 || true
  fi
  rm -rf "$work"
  exit "$status"
}
trap ended EXIT
begin=$(now)
left() { awk -v a="$begin" -v b="$(now)" -v l="$limit" 'BEGIN {exit !(b - a < l)}' || { say "not done in $limit s: $1"; exit 1; }; }
fail() { say "FAILED: $*"; exit 1; }

t=$(now)
dc build >"$work/build" 2>&1 || { tail -n 40 "$work/build"; fail "the images do not build"; }
say "images built in $(since "$t") s"
docker image ls --filter "reference=postern/*:$POSTERN_VERSION" --format '  {{.Repository}} {{.Size}}' | sort

t=$(now)
dc up -d >"$work/up" 2>&1 || { tail -n 20 "$work/up"; fail "up"; }
services=(request-service policy-service expiry-service azure-enforcer aws-enforcer)
for service in "${services[@]}" ; do
  id=$(dc ps -q "$service")
  until docker exec "$id" /app/bin/health >/dev/null 2>&1; do left "$service is not ready"; sleep 0.3; done
done
web=http://127.0.0.1:$POSTERN_WEB_PORT
until curl -sf -o /dev/null "$web/actuator/health/readiness"; do left "the web door is not ready"; sleep 0.3; done
say "up, all five ready, $(since "$t") s after nothing"

token() { dc run --rm --no-deps keys token "$@" --out /keys 2>/dev/null | tr -d '\r' | grep -o 'ey[A-Za-z0-9_.-]*$' | tail -n 1; }
admin=$(token root --group admins)
alice=$(token alice --group sre)
[ -n "$admin" ] && [ -n "$alice" ] || fail "no tokens"
call() { # call WHO METHOD PATH [BODY] -> body; the status in $work/status
  curl -s -X "$2" -H "Authorization: Bearer $1" -H 'Content-Type: application/json' -o "$work/body" -D "$work/head" -w '%{http_code}' ${4:+-d "$4"} "$web$3" >"$work/status"
  cat "$work/body"
}
vm=/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/web-01
ec2=arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890
reachable() { # reachable PORT MACHINE SOURCE -> true or false, by the packet model
  curl -s -X POST -H 'Content-Type: application/json' -d "{\"source\":\"$3\",\"machine\":\"$2\",\"port\":22,\"protocol\":\"TCP\"}" \
    "http://127.0.0.1:$1/_simulator/reachable" | grep -o '"reachable" *: *[a-z]*' | grep -o '[a-z]*$'
}
both() { # both SOURCE WANTED WHAT
  until [ "$(reachable "$POSTERN_ARM_PORT" "$vm" "$1")" = "$2" ] && [ "$(reachable "$POSTERN_EC2_PORT" "$ec2" "$1")" = "$2" ]; do left "$3"; sleep 0.2; done
  say "$3, $(since "$t") s"
}
t=$(now)
both 192.0.2.66 true "before: a stranger reaches port 22 in both clouds"
call "$admin" PUT /api/v1/policies/check "{\"schemaVersion\":1,\"machines\":[{\"id\":\"$vm\"},{\"id\":\"$ec2\"}],\"ports\":[{\"port\":22,\"sources\":[\"*\"],\"maxDuration\":\"PT1H\"}],\"requestors\":{\"groups\":[\"sre\"]},\"existingRules\":\"override\"}" >/dev/null
[ "$(cat "$work/status")" = 201 ] || fail "the policy: HTTP $(cat "$work/status") $(cat "$work/body")"
both 192.0.2.66 false "locked down"
t=$(now)
call "$alice" POST /api/v1/requests "{\"machines\":[\"$vm\",\"$ec2\"],\"ports\":[{\"port\":22,\"protocol\":\"TCP\"}],\"sources\":[\"203.0.113.7\"],\"duration\":\"PT12S\"}" >/dev/null
[ "$(cat "$work/status")" = 202 ] || fail "the request: HTTP $(cat "$work/status") $(cat "$work/body")"
request=$(tr -d '\r' <"$work/head" | sed -n 's/^[Ll]ocation: *//p')
both 203.0.113.7 true "opened for the address that asked"
say "from nothing to the first opened port, images built: $(since "$begin") s in all"
[ "$(reachable "$POSTERN_ARM_PORT" "$vm" 203.0.113.8)$(reachable "$POSTERN_EC2_PORT" "$ec2" 203.0.113.8)" = falsefalse ] || fail "a neighbour gets in"
both 203.0.113.7 false "closed by itself"
until [ "$(call "$alice" GET "$request" | grep -o '"state":"CLOSED"' | wc -l)" = 2 ]; do left "the grants are not told as closed: $(cat "$work/body")"; sleep 0.2; done
say "both grants are CLOSED"

total=0
for service in "${services[@]}"; do
  pid=$(docker inspect -f '{{.State.Pid}}' "$(dc ps -q "$service")")
  kib=$(awk '/^VmRSS/ {print $2}' "/proc/$pid/status" 2>/dev/null || echo 0)
  total=$((total + kib))
  say "  $service resident $((kib / 1024)) MiB"
done
say "five services together resident $((total / 1024)) MiB"
if [ -n "${COLD:-}" ]; then
  for service in "${services[@]}"; do
    id=$(dc ps -q "$service")
    docker stop -t 10 "$id" >/dev/null
    t=$(now)
    docker start "$id" >/dev/null
    until docker exec "$id" /app/bin/health >/dev/null 2>&1; do left "$service does not come back"; sleep 0.05; done
    say "  $service ready again $(since "$t") s after a cold start of its process alone"
  done
fi
say "all held, $(since "$begin") s"
