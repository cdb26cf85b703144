#!/usr/bin/env bash
# Copies the database of Essaim into one file, and checks that the copy can be read.
#
#   DATABASE_URL=postgres://… deploy/backup.sh FOLDER [DAYS]
#
# Writes FOLDER/essaim-20261124T030000Z.dump (pg_dump, custom format) and its SHA-256 beside it, then
# removes copies older than DAYS (30). Letters, receipts and their PDF are rows, so this file is everything
# but the keys: signing keys and the pseudonym key are kept apart, or a copy would open them all.
set -euo pipefail
folder=${1:?usage: backup.sh FOLDER [DAYS]}
days=${2:-30}
: "${DATABASE_URL:?DATABASE_URL names the database to copy}"

umask 077
mkdir -p "$folder"
name="essaim-$(date -u +%Y%m%dT%H%M%SZ).dump"
unfinished="$folder/.$name.part"
trap 'rm -f "$unfinished"' EXIT
pg_dump --format=custom --no-owner --no-privileges --file="$unfinished" "$DATABASE_URL"
# A copy whose list cannot be read is no copy.
pg_restore --list "$unfinished" >/dev/null
mv "$unfinished" "$folder/$name"
(cd "$folder" && sha256sum "$name" >"$name.sha256")
find "$folder" -maxdepth 1 -name 'essaim-*.dump*' -mtime "+$days" -delete
printf '%s\n' "$folder/$name"
