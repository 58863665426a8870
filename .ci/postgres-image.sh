#!/usr/bin/env bash
# A stand-in for the public PostgreSQL image that docker-compose.yml names, for a machine that can pull none: the same
# server from Maven Central (the binaries that the tests run on), with the variables that the compose file sets.
# Does nothing where the image is there, or can be pulled.
set -euo pipefail
image=postgres:17-bookworm
version=17.6.0
docker image inspect "$image" >/dev/null 2>&1 && exit 0
timeout 60 docker pull -q "$image" >/dev/null 2>&1 && exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/pg"
mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
  -Dartifact="io.zonky.test.postgres:embedded-postgres-binaries-linux-$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64v8/'):$version" \
  -DoutputDirectory="$work" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
unzip -q -p "$work"/*.jar '*.txz' | tar -C "$work/pg" -xJf -
cat >"$work/start" <<'SH'
#!/bin/bash
set -euo pipefail
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  mkdir -p "$PGDATA"
  initdb -D "$PGDATA" -U postgres --pwfile="$POSTGRES_PASSWORD_FILE" --auth=scram-sha-256 -E UTF8 --no-locale
  echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
fi
exec postgres -D "$PGDATA" -c listen_addresses='*' -k /tmp
SH
cat >"$work/Dockerfile" <<'DOCKER'
FROM debian:bookworm-slim
COPY pg /usr/local
COPY start /start
RUN chmod 755 /start && groupadd --gid 999 postgres && useradd --uid 999 --gid 999 postgres \
 && mkdir -p /var/lib/postgresql/data && chown -R 999:999 /var/lib/postgresql
ENV PGDATA=/var/lib/postgresql/data
USER 999:999
EXPOSE 5432
ENTRYPOINT ["/start"]
DOCKER
DOCKER_BUILDKIT=0 docker build -q --label local.stand-in=postgres -t "$image" "$work" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
