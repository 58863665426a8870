#!/bin/sh
# Other people's clients on Postern's log: each writes a request that is decided, and reads the decision and the opening.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
home=$(CDPATH= cd -- "$here/../.." && pwd)
# shellcheck source=examples/lib.sh
. "$home/examples/lib.sh"
export MACHINE=arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890
jdk=$("$home/postern" jdk)
tools=$home/.postern/interop
mkdir -p "$tools"
# Confluent's serializer is not on Central, but for the copy that Pinot brings, under its own names.
pinot=pinot-confluent-avro
pinot_version=1.5.0
peers=

skip() {
  echo "check: SKIPPED $1: $2" >&2
}

# Node, with two registry clients.
(cd "$here/node" && exec npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >"$work/npm.log" 2>&1) &
npm=$!
peers="kafkajs confluentinc"

# The JVM.
jar=$tools/$pinot-$pinot_version-shaded.jar
[ -f "$jar" ] || (cd "$work" && mvn -q -B dependency:copy -Dartifact=org.apache.pinot:$pinot:$pinot_version:jar:shaded \
  -DoutputDirectory="$tools" >"$work/jvm.log" 2>&1) || true
if [ -f "$jar" ]; then
  peers="$peers jvm"
else
  skip "Confluent's serializer on the JVM" "$pinot $pinot_version cannot be fetched"
fi

# Python: the client that is installed, or else Debian's packages, unpacked and not installed.
python=/usr/bin/python3
debian=$tools/debian
has_client() {
  "$python" -c 'import confluent_kafka.avro' 2>/dev/null
}
if ! has_client && command -v apt-get >/dev/null; then
  if [ ! -d "$debian/usr" ]; then
    (cd "$work" && apt-get download python3-confluent-kafka librdkafka1 python3-avro python3-requests python3-urllib3 \
      python3-chardet python3-idna python3-certifi python3-six >"$work/apt.log" 2>&1 &&
      for deb in ./*.deb; do dpkg -x "$deb" "$debian.new" || exit 1; done && mv "$debian.new" "$debian") || true
  fi
  PYTHONPATH=$debian/usr/lib/python3/dist-packages
  LD_LIBRARY_PATH=$(dirname "$(find "$debian" -name 'librdkafka.so*' 2>/dev/null | head -n 1)")
  export PYTHONPATH LD_LIBRARY_PATH
fi
if has_client && command -v openssl >/dev/null; then
  peers="$peers python"
else
  skip "Debian's Python client" "python3-confluent-kafka is not installed and cannot be fetched (as an administrator: apt-get update)"
fi

"$home/postern" producer interop --data "$work/data" --subject kafkajs --subject confluentinc --subject jvm --subject python \
  --key-file "$work/interop.jwk" >/dev/null
start
token=$("$home/postern" token root --group admins)
curl -sf -o "$work/policy" -X PUT "$web/api/v1/policies/interop" \
  -H "Authorization: Bearer $token" -H "Content-Type: application/json" -d '{
    "schemaVersion": 1, "name": "interop",
    "machines": [{"id": "'"$MACHINE"'"}],
    "ports": [{"port": 22, "protocol": "TCP", "sources": ["*"], "maxDuration": "PT1H"}],
    "requestors": {"subjects": ["kafkajs", "confluentinc", "jvm", "python"]},
    "existingRules": "override"}' || fail "the policy was refused"
until_true 30 "locked down" packet "$MACHINE" 192.0.2.66 false

wait "$npm" || { cat "$work/npm.log"; fail "npm cannot fetch the clients"; }
export KEY_FILE="$work/interop.jwk"
export BOOTSTRAP="127.0.0.1:$POSTERN_KAFKA_PORT" REGISTRY="http://127.0.0.1:$POSTERN_REGISTRY_PORT/apis/ccompat/v7"
run() {
  case $1 in
  kafkajs | confluentinc) timeout 60 node "$here/node/peer.mjs" "$1" ;;
  jvm) timeout 60 "$jdk/bin/java" -XX:TieredStopAtLevel=1 -Dfile.encoding=UTF-8 -Dstdout.encoding=UTF-8 -cp "$jar" "$here/jvm/Peer.java" ;;
  python) timeout 60 env PYTHONIOENCODING=utf-8 "$python" "$here/python/peer.py" ;;
  esac
}
n=0
jobs=
for peer in $peers; do
  n=$((n + 1))
  (
    export SUBJECT="$peer" SOURCE="203.0.113.$n/32"
    run "$peer" >"$work/$peer.out" 2>"$work/$peer.err"
  ) &
  jobs="$jobs $!"
done
failed=
for job in $jobs; do
  wait "$job" || failed=yes
done

# What we hand out, and what each peer has made of it.
id=$(curl -sf "$REGISTRY/subjects/jit.requests-io.postern.event.RequestSubmitted/versions/latest" | sed 's/.*"id": *\([0-9]*\).*/\1/')
n=0
for peer in $peers; do
  n=$((n + 1))
  echo "$peer: $(cat "$work/$peer.out")"
  grep -qE "^wrote=$id granted=[0-9]+ opened=[0-9]+ for=$peer from=203\.0\.113\.$n/32 why=Zürich ✓ seconds=600(\.0)? connect=54\.[0-9.]+:22/TCP\$" \
    "$work/$peer.out" || { tail -n 20 "$work/$peer.err"; failed=yes; }
done
[ -z "$failed" ] || fail "not every client was understood"
for read in granted opened; do
  # shellcheck disable=SC2086
  [ "$(cd "$work" && for p in $peers; do grep -o "$read=[0-9]*" "$p.out"; done | sort -u | wc -l)" -eq 1 ] || fail "two schema ids of $read"
done
versions=$(curl -sf "$REGISTRY/subjects/jit.requests-io.postern.event.RequestSubmitted/versions")
[ "$versions" = "[1]" ] || fail "the schema has versions $versions"
echo "check: understood $peers, one schema id for all"
