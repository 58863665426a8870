#!/usr/bin/env bash
# The profiles that a trial does not need, started for once: audit, siem and observability.
# Not part of every build: some minutes. What has no image here (Grafana, Prometheus) is skipped, loudly. KEEP=yes leaves it running.
# The jars must be there: mvn -Pimages package.
set -euo pipefail
cd "$(dirname "$0")/.."
check=profiles-check
. deploy/compose-lib.sh
export POSTERN_PROMETHEUS_PORT=${POSTERN_PROMETHEUS_PORT:-$(free_port)} POSTERN_GRAFANA_PORT=${POSTERN_GRAFANA_PORT:-$(free_port)}
profile() { dc --profile "$@"; }
# Without their profiles named, Compose leaves these running.
also_ended() { profile audit --profile siem --profile observability down -v -t 5 --remove-orphans >/dev/null 2>&1 || true; }
# until_said SERVICE PATTERN WHAT: in the log of its container
until_said() {
  until profile "$1" logs --no-log-prefix "$1" 2>/dev/null | grep "$2" >"$work/said"; do
    left "$3"
    sleep 0.5
  done
  say "$3, $(since "$t") s"
}

build
profile audit --profile siem build >"$work/build" 2>&1 || { tail -n 40 "$work/build"; fail "the images of the profiles do not build"; }
up
tokens
t=$(now)
profile siem up -d --no-build siem >"$work/up" 2>&1 || { cat "$work/up"; fail "siem"; }
profile audit up -d --no-build audit >"$work/up" 2>&1 || { cat "$work/up"; fail "audit"; }
lock
both 192.0.2.66 false "locked down"
ask 203.0.113.7 PT12S
told "$request" CLOSED
say "a grant in each cloud opened and closed"

t=$(now)
until_said siem '"class_uid"' "siem prints what happened as OCSF"
verified() { profile audit run --rm --no-deps audit audit verify --kafka-config /etc/postern/kafka.properties; }
until verified >"$work/verified" 2>&1; do
  left "the record is not proven: $(tail -n 3 "$work/verified")"
  sleep 1
done
say "audit: $(tail -n 1 "$work/verified")"

if docker image inspect prom/prometheus:v3.5.0 >/dev/null 2>&1 || timeout 120 docker pull -q prom/prometheus:v3.5.0 >/dev/null 2>&1; then
  t=$(now)
  profile observability up -d --no-build prometheus >"$work/up" 2>&1 || { cat "$work/up"; fail "prometheus"; }
  prometheus=http://127.0.0.1:$POSTERN_PROMETHEUS_PORT/api/v1
  until [ "$(curl -s "$prometheus/targets" | grep -o '"health":"up"' | wc -l)" = 5 ]; do left "not all five are scraped: $(curl -s "$prometheus/targets")"; sleep 1; done
  say "Prometheus scrapes all five, $(since "$t") s"
  rules=$(grep -c 'alert:' docs/alerts/postern.rules.yml)
  # A rule has no health until it was evaluated once.
  until [ "$(curl -s "$prometheus/rules" | grep -o '"health":"ok"[^}]*"type":"alerting"' | wc -l)" -ge "$rules" ]; do left "not every rule is evaluated: $(curl -s "$prometheus/rules")"; sleep 1; done
  [ "$(curl -s "$prometheus/rules" | grep -c '"health":"err"')" = 0 ] || fail "a rule fails"
  say "all $rules alert rules are evaluated and healthy"
else
  say "observability: SKIPPED: no image of Prometheus here"
fi
if docker image inspect grafana/grafana:12.1.0 >/dev/null 2>&1 || timeout 120 docker pull -q grafana/grafana:12.1.0 >/dev/null 2>&1; then
  t=$(now)
  profile observability up -d --no-build grafana >"$work/up" 2>&1 || { cat "$work/up"; fail "grafana"; }
  until curl -s "http://127.0.0.1:$POSTERN_GRAFANA_PORT/api/search?query=" | grep -q '"title":"Postern'; do left "Grafana has no dashboard"; sleep 1; done
  say "Grafana has the dashboard, $(since "$t") s"
else
  say "Grafana: SKIPPED: no image of it here"
fi
say "all held, $(since "$begin") s"
