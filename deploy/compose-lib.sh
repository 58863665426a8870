# What the checks of the compose system have in common; sourced by them, with the name of the check in $check.
# An engine, base images and Compose, or the check is skipped, loudly; a project of its own on free ports, taken down at the end.
limit=${LIMIT:-420}
here=${SHARED_DOCKER:-../shared/docker}

say() { printf '%s: %s\n' "$check" "$*"; }
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
also_ended() { :; } # what a check has to take away besides
ended() {
  status=$?
  trap - EXIT
  if [ "$status" != 0 ]; then
    dc ps -a 2>&1 | tail -n 20 || true
    dc logs --tail 40 2>&1 | cut -c1-600 | tail -n 150 || true
  fi
  if [ -z "${KEEP:-}" ]; then
    dc down -v -t 5 --remove-orphans >/dev/null 2>&1 || true
    also_ended
    docker image ls -q --filter "reference=postern/*:$POSTERN_VERSION" | sort -u | xargs -r docker image rm -f >/dev/null 2>&1 || true
  fi
  rm -rf "$work"
  exit "$status"
}
trap ended EXIT
begin=$(now)
left() { awk -v a="$begin" -v b="$(now)" -v l="$limit" 'BEGIN {exit !(b - a < l)}' || { say "not done in $limit s: $1"; exit 1; }; }
fail() { say "FAILED: $*"; exit 1; }

services=(request-service policy-service expiry-service azure-enforcer aws-enforcer)
build() {
  local t; t=$(now)
  dc build >"$work/build" 2>&1 || { tail -n 40 "$work/build"; fail "the images do not build"; }
  say "images built in $(since "$t") s"
}
ready() { # ready SERVICE: healthy by its own container
  local id; id=$(dc ps -q "$1")
  until docker exec "$id" /app/bin/health >/dev/null 2>&1; do left "$1 is not ready"; sleep 0.3; done
}
web=http://127.0.0.1:$POSTERN_WEB_PORT
up() { # everything, until all five are ready
  dc up -d >"$work/up" 2>&1 || { tail -n 20 "$work/up"; fail "up"; }
  for service in "${services[@]}"; do ready "$service"; done
  door
}
door() { until curl -sf -o /dev/null "$web/actuator/health/readiness"; do left "the web door is not ready"; sleep 0.3; done; }
token() { dc run --rm --no-deps keys token "$@" --out /keys 2>/dev/null | tr -d '\r' | grep -o 'ey[A-Za-z0-9_.-]*$' | tail -n 1; }
tokens() {
  admin=$(token root --group admins)
  alice=$(token alice --group sre)
  [ -n "$admin" ] && [ -n "$alice" ] || fail "no tokens"
}
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
lock() { # a policy for both machines
  call "$admin" PUT /api/v1/policies/check "{\"schemaVersion\":1,\"machines\":[{\"id\":\"$vm\"},{\"id\":\"$ec2\"}],\"ports\":[{\"port\":22,\"sources\":[\"*\"],\"maxDuration\":\"PT1H\"}],\"requestors\":{\"groups\":[\"sre\"]},\"existingRules\":\"override\"}" >/dev/null
  [ "$(cat "$work/status")" = 201 ] || fail "the policy: HTTP $(cat "$work/status") $(cat "$work/body")"
}
ask() { # ask SOURCE DURATION: the request's path in $request
  call "$alice" POST /api/v1/requests "{\"machines\":[\"$vm\",\"$ec2\"],\"ports\":[{\"port\":22,\"protocol\":\"TCP\"}],\"sources\":[\"$1\"],\"duration\":\"$2\"}" >/dev/null
  [ "$(cat "$work/status")" = 202 ] || fail "the request: HTTP $(cat "$work/status") $(cat "$work/body")"
  request=$(tr -d '\r' <"$work/head" | sed -n 's/^[Ll]ocation: *//p')
}
told() { # told REQUEST STATE: of both grants, over REST
  until [ "$(call "$alice" GET "$1" | grep -o "\"state\":\"$2\"" | wc -l)" = 2 ]; do left "the grants are not told as $2: $(cat "$work/body")"; sleep 0.2; done
}
