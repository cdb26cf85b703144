#!/usr/bin/env bash
# Puts a copy back into an empty database, then audits it.
#
#   DATABASE_URL=postgres://… deploy/restore.sh FILE
#
# The database must exist and hold no table: nothing is ever overwritten. ESSAIM names the executable that
# audits the books (`essaim check`, read-only); without it on PATH the restore fails, since a restored
# ledger that nobody has audited is not restored.
set -euo pipefail
file=${1:?usage: restore.sh FILE}
essaim=${ESSAIM:-essaim}
: "${DATABASE_URL:?DATABASE_URL names the empty database to fill}"

command -v "$essaim" >/dev/null || {
  printf 'Executable not found: %s (set ESSAIM)\n' "$essaim" >&2
  exit 1
}
if [ -f "$file.sha256" ]; then
  (cd "$(dirname "$file")" && sha256sum --quiet --check "$(basename "$file").sha256")
fi
tables=$(psql -XAtq --dbname="$DATABASE_URL" \
  --command="SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
if [ "$tables" != 0 ]; then
  printf 'The database already holds %s tables; restore into an empty one.\n' "$tables" >&2
  exit 1
fi
pg_restore --exit-on-error --single-transaction --no-owner --no-privileges \
  --dbname="$DATABASE_URL" "$file"
psql -Xq --dbname="$DATABASE_URL" --command='ANALYZE'
ESSAIM_DATABASE_URL="$DATABASE_URL" "$essaim" check
