#!/bin/sh
# Hands everything that Postern records to a SIEM. To be copied, with postern-audit.jar and its lib beside it (or AUDIT_HOME); needs Java 25.
# Settings are in the environment; see README.md. Further options go to `audit follow` as they are.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
home=${AUDIT_HOME:-$here}
[ -f "$home/postern-audit.jar" ] || home=$here/../../audit/target
[ -f "$home/postern-audit.jar" ] || {
  echo "audit-consumer: postern-audit.jar is not beside this script; AUDIT_HOME says where it is" >&2
  exit 2
}
[ -z "${SIEM_GROUP:-}" ] || set -- --group "$SIEM_GROUP" "$@"
[ -z "${SIEM_URL:-}" ] || set -- --to "$SIEM_URL" "$@"
[ -z "${SIEM_HEADER_FILE:-}" ] || set -- --header-file "$SIEM_HEADER_FILE" "$@"
[ -z "${KAFKA_CONFIG:-}" ] || set -- --kafka-config "$KAFKA_CONFIG" "$@"
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -XX:+UseSerialGC -Xmx256m -Dlogback.configurationFile=postern-audit-logback.xml \
  -cp "$home/postern-audit.jar:$home/lib/*" io.postern.audit.cli.Main audit follow "$@"
