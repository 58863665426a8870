#!/usr/bin/env bash
# The compose system, once through: build, up, one cycle in each cloud through the REST door, down. Leaves nothing behind.
# Skipped, loudly, where no Docker engine can be had. KEEP=yes leaves it running; LIMIT is its time in seconds.
# PLAIN=yes without TLS, COLD=yes times each service's cold start too, COMPOSE="docker-compose" another Compose than the first found.
# Prints what it measured. The jars must be there: mvn -Pimages package.
set -euo pipefail
cd "$(dirname "$0")/.."
check=compose-check
. deploy/compose-lib.sh
[ -d request-service/target/image/lib ] || { say "no jars for the images: mvn -Pimages -DskipTests package"; exit 2; }

build
docker image ls --filter "reference=postern/*:$POSTERN_VERSION" --format '  {{.Repository}} {{.Size}}' | sort
t=$(now)
up
say "up, all five ready, $(since "$t") s after nothing"
tokens
t=$(now)
both 192.0.2.66 true "before: a stranger reaches port 22 in both clouds"
lock
both 192.0.2.66 false "locked down"
t=$(now)
ask 203.0.113.7 PT12S
both 203.0.113.7 true "opened for the address that asked"
say "from nothing to the first opened port, images built: $(since "$begin") s in all"
[ "$(reachable "$POSTERN_ARM_PORT" "$vm" 203.0.113.8)$(reachable "$POSTERN_EC2_PORT" "$ec2" 203.0.113.8)" = falsefalse ] || fail "a neighbour gets in"
both 203.0.113.7 false "closed by itself"
told "$request" CLOSED
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
