# shellcheck shell=sh
# What the checks of all examples do: start Postern on free ports and end it again. To be sourced, with home set.

work=$(mktemp -d)
up=

fail() {
  echo "check: $1" >&2
  [ ! -f "$work/up.log" ] || tail -n 40 "$work/up.log" >&2
  exit 1
}

finish() {
  if [ -n "$up" ] && kill "$up" 2>/dev/null; then
    wait "$up" || true
  fi
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM

command -v node >/dev/null && command -v npm >/dev/null && command -v curl >/dev/null ||
  fail "node, npm and curl are needed"

# Six ports that are free now, below those that the system hands out by itself: nobody's connection takes one before it is used.
# shellcheck disable=SC2046
set -- $(node -e '
  const net = require("node:net")
  const open = []
  const listen = () => new Promise(resolve => {
    const server = net.createServer()
    server.once("error", () => resolve(listen()))
    server.listen(20000 + Math.floor(Math.random() * 12768), "127.0.0.1", () => resolve(open.push(server)))
  })
  Promise.all(Array.from({ length: 6 }, listen)).then(() => {
    console.log(open.map(s => s.address().port).join(" "))
    open.forEach(s => s.close())
  })')
export POSTERN_WEB_PORT="$1" POSTERN_ARM_PORT="$2" POSTERN_EC2_PORT="$3" POSTERN_KAFKA_PORT="$4" POSTERN_REGISTRY_PORT="$5"
web=http://127.0.0.1:$POSTERN_WEB_PORT
# For POSTERN_WEB_TLS_PORT, where a client speaks nothing but TLS.
# shellcheck disable=SC2034
secure_port=$6

# until_true SECONDS WHAT COMMAND...: asks again until it holds, while Postern lives.
until_true() {
  limit=$(($(date +%s) + $1))
  what=$2
  shift 2
  until "$@"; do
    kill -0 "$up" 2>/dev/null || fail "Postern ended by itself before $what"
    [ "$(date +%s)" -lt "$limit" ] || fail "not in time: $what"
    sleep 0.2
  done
}

is_ready() {
  curl -sf -o "$work/ready" --max-time 5 "$web/actuator/health/readiness"
}

# start: Postern, until it is ready.
start() {
  "$home/postern" up --data "$work/data" >"$work/up.log" 2>&1 &
  up=$!
  until_true 120 "ready" is_ready
}

# packet MACHINE SOURCE true|false: whether that is what EC2's packet model says of the machine's port 22.
packet() {
  curl -sf --max-time 5 -H "Content-Type: application/json" "http://127.0.0.1:$POSTERN_EC2_PORT/_simulator/reachable" \
    -d "{\"source\": \"$2\", \"machine\": \"$1\", \"port\": 22, \"protocol\": \"TCP\"}" |
    grep -q "\"reachable\": *$3"
}
