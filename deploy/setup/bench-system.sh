#!/usr/bin/env bash
# Brings what the bench starts or compiles with: gcc and OpenSSL's headers for the scripted server, curl and
# prometheus-blackbox-exporter as peers. Debian's packages, as root or with sudo.
# Whatever is still missing afterwards is named, with the way to get it, and ends the run.
set -euo pipefail

say() { printf '%s\n' "$*"; }
has() { command -v "$1" >/dev/null; }
has_header() { echo "#include <$1>" | gcc -E - >/dev/null 2>&1; }

missing_packages() {
  has gcc || echo gcc
  has gcc && has_header stdio.h || echo libc6-dev
  has gcc && has_header openssl/ssl.h || echo libssl-dev
  has curl || echo curl
  has prometheus-blackbox-exporter || echo prometheus-blackbox-exporter
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}
can_install() { has apt-get && { [ "$(id -u)" = 0 ] || { has sudo && sudo -n true 2>/dev/null; }; }; }

[ "$(uname -s)" = Linux ] || { say "make bench: it reads /proc and kernel clocks, so it runs on Linux only" >&2; exit 1; }
mapfile -t packages < <(missing_packages)
[ ${#packages[@]} -eq 0 ] && exit 0
if can_install; then
  log=$(mktemp)
  say "Installing Debian packages for the bench: ${packages[*]}"
  as_root apt-get update -qq >"$log" 2>&1 || tail -n 3 "$log"
  # One by one: a package this distribution lacks must not keep the others away.
  for package in "${packages[@]}"; do
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" \
      >"$log" 2>&1 </dev/null || { say "apt-get install $package failed:"; tail -n 3 "$log"; }
  done
  rm -f "$log"
fi

mapfile -t packages < <(missing_packages)
[ ${#packages[@]} -eq 0 ] && exit 0
printf 'make bench: missing. As root: apt-get install %s\n' "${packages[*]}" >&2
exit 1
