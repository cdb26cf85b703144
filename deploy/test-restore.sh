#!/usr/bin/env bash
# Proves backup.sh and restore.sh on a private cluster: migrate, write, copy, restore elsewhere, audit,
# compare; then that a restore never overwrites and that a damaged copy is refused. Leaves nothing behind.
#
#   deploy/test-restore.sh [EXECUTABLE]      default: target/debug/essaim
set -euo pipefail
cd "$(dirname "$0")/.."
ESSAIM=$(realpath "${1:-${CARGO_TARGET_DIR:-target}/debug/essaim}")
export ESSAIM

for folder in "${ESSAIM_DATABASE_POSTGRES_BIN:-}" /usr/lib/postgresql/*/bin; do
  if [ -x "$folder/initdb" ]; then PATH="$folder:$PATH"; fi
done
# PostgreSQL refuses to run as root: its package brings a user for that.
as_owner() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; else "$@"; fi; }

work=$(mktemp -d)
stop() {
  as_owner pg_ctl --pgdata="$work/data" --mode=immediate stop >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap stop EXIT
mkdir "$work/data" "$work/copies"
if [ "$(id -u)" = 0 ]; then chown postgres "$work" "$work/data"; fi
chmod 700 "$work/data"
cd /
as_owner initdb --pgdata="$work/data" --username=essaim --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
  --no-sync >/dev/null
as_owner pg_ctl --pgdata="$work/data" --log="$work/data/log" --wait \
  --options="-c listen_addresses='' -c unix_socket_directories='$work' -c fsync=off" start >/dev/null
cd "$OLDPWD"

url() { printf 'postgres://essaim@%s/%s' "${work//\//%2F}" "$1"; }
query() { psql -XAtq --dbname="$(url "$1")" --command="$2"; }
for base in before after full; do createdb --host="$work" --username=essaim "$base"; done

ESSAIM_DATABASE_URL=$(url before) "$ESSAIM" migrate
query before "CREATE TABLE restore_marks (word text); INSERT INTO restore_marks VALUES ('essaim')"
query full 'CREATE TABLE occupied (id bigint)'

file=$(DATABASE_URL=$(url before) deploy/backup.sh "$work/copies")
DATABASE_URL=$(url after) deploy/restore.sh "$file"

counts="SELECT string_agg(format('%s %s', relname,
    (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %I', relname), false, true, '')))[1]),
    E'\n' ORDER BY relname)
  FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
[ "$(query before "$counts")" = "$(query after "$counts")" ]
[ "$(query after 'SELECT word FROM restore_marks')" = essaim ]

if DATABASE_URL=$(url full) deploy/restore.sh "$file" 2>/dev/null; then
  printf 'A restore overwrote a database that was not empty.\n' >&2
  exit 1
fi
printf 'x' >>"$file"
createdb --host="$work" --username=essaim damaged
if DATABASE_URL=$(url damaged) deploy/restore.sh "$file" 2>/dev/null; then
  printf 'A damaged copy was restored.\n' >&2
  exit 1
fi
printf 'Backup and restore: the same rows in %s tables, books audited.\n' "$(query after "$counts" | wc -l)"
