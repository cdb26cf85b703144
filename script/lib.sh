# shellcheck shell=bash
# What the scripts of this folder share: messages, prerequisites, timed steps. Sourced, never run.

say() { printf '%s\n' "$*"; }
fail() {
  printf '\n%s\n' "$*" >&2
  exit 1
}

# have COMMAND: it is on PATH.
have() { command -v "$1" >/dev/null 2>&1; }

# can_install: root on Debian, Ubuntu or a sister.
can_install() { [ "$(id -u)" = 0 ] && have apt-get; }

# install PACKAGE…: with apt-get where we may, else names the packages and stops.
install() {
  if ! can_install; then
    if have apt-get; then
      fail "Il manque : $*. Installez-les puis recommencez : sudo apt-get install $*"
    fi
    fail "Il manque, sous leur nom Debian : $*. Installez leurs équivalents puis recommencez."
  fi
  say "Installation de $* (paquets Debian)…"
  local quiet=(-y -qq --no-install-recommends)
  export DEBIAN_FRONTEND=noninteractive
  # The lists of a fresh machine are empty or old: refresh them only when they do not suffice.
  if ! apt-get install "${quiet[@]}" "$@" >/dev/null 2>&1; then
    apt-get update -qq
    apt-get install "${quiet[@]}" "$@" || fail "apt-get n’a pas pu installer : $*."
  fi
}

# need COMMAND PACKAGE…: installs the packages unless the command is there.
need() {
  local wanted=$1
  shift
  have "$wanted" || install "$@"
  have "$wanted" || fail "« $wanted » est toujours introuvable après l’installation de : $*."
}

need_rust() {
  have cargo || fail "Il manque Rust (cargo, version 1.95 ou plus récente). Installez-le avec rustup, \
puis ouvrez un nouveau terminal."
  need cc gcc libc6-dev
}

# A server of our own needs initdb, which Debian keeps off PATH.
find_initdb() {
  local folder
  for folder in "${ESSAIM_DATABASE_POSTGRES_BIN:-}" /usr/lib/postgresql/*/bin; do
    [ -x "$folder/initdb" ] && return 0
  done
  have initdb
}

need_postgresql() {
  find_initdb || install postgresql
  find_initdb || fail "PostgreSQL est installé mais « initdb » est introuvable : indiquez son dossier \
dans ESSAIM_DATABASE_POSTGRES_BIN."
}

need_chromium() {
  have chromium || have chromium-browser || have google-chrome || install chromium
}

# npm_install FOLDER: exactly what its lock file says, unless that is already there.
npm_install() {
  local folder=$1
  local done_mark="$folder/node_modules/.package-lock.json"
  [ -f "$folder/package-lock.json" ] || return 0
  if [ -f "$done_mark" ] && [ ! "$folder/package-lock.json" -nt "$done_mark" ]; then
    return 0
  fi
  say "Installation des paquets npm de $folder…"
  PUPPETEER_SKIP_DOWNLOAD=1 PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 \
    npm ci --no-audit --no-fund --loglevel=error --prefix "$folder"
}

# target_folder: where cargo builds.
target_folder() { printf '%s' "${CARGO_TARGET_DIR:-target}"; }

# Timed steps. Each is shown as it runs; what it printed is kept in $step_log for counting.
step_log=
steps=()
passed=0
failed=0

# step NAME COMMAND…: runs it, notes success and seconds.
step() {
  local name=$1 from=$SECONDS status=0 mark='✓'
  shift
  say ''
  say "── $name"
  "$@" 2>&1 | tee "$step_log" || status=$?
  [ "$status" = 0 ] || mark='✗'
  steps+=("$(printf '%s %5d s  %s' "$mark" $((SECONDS - from)) "$name")")
  return "$status"
}

# check NAME COMMAND…: a step that counts as one.
check() {
  if step "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

# sum PATTERN: adds up the numbers that a sed pattern captures in the log of the last step.
sum() {
  sed -E 's/\x1b\[[0-9;]*m//g' "$step_log" | sed -nE "$1" | awk '{ total += $1 } END { print total + 0 }'
}

# tests NAME PASSED_PATTERN FAILED_PATTERN COMMAND…: a step that counts as many as its runner says; a run
# that fails without naming a failed test (it did not compile, say) counts as one failure.
tests() {
  local name=$1 good=$2 bad=$3 status=0 broken
  shift 3
  step "$name" "$@" || status=$?
  passed=$((passed + $(sum "$good")))
  broken=$(sum "$bad")
  if [ "$status" != 0 ] && [ "$broken" = 0 ]; then broken=1; fi
  failed=$((failed + broken))
}

# closing: the time of each step, the counts, and whether all is well.
closing() {
  say ''
  printf '%s\n' "${steps[@]}"
  say "  $(printf '%5d' "$SECONDS") s  en tout"
  say ''
  say "$passed passed, $failed failed"
  [ "$failed" = 0 ]
}
