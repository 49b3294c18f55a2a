#!/usr/bin/env bash
# Makes .venv and installs one requirements file into it, only when the file has changed since.
# usage: venv.sh requirements.txt|requirements-dev.txt
set -euo pipefail
cd "$(dirname "$0")/../.."

file=$1
least="3.11"

say() { printf '%s\n' "$*"; }
stop() { printf 'make: %s\n' "$*" >&2; exit 1; }
is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
  local name
  for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$name" >/dev/null && is_new_enough "$name"; then command -v "$name"; return; fi
  done
  return 1
}

make_venv() {
  local python
  python=$(find_python) ||
    stop "Python $least or newer is needed, found $(python3 --version 2>/dev/null || echo none). Install it (Debian, Ubuntu: apt-get install python3 python3-venv) or name one: make run PYTHON=/path/to/python3"
  "$python" -c 'import ensurepip, venv' 2>/dev/null ||
    stop "$python has no venv module. Install it (Debian, Ubuntu: apt-get install python3-venv)."
  say "Making the virtual environment .venv with $("$python" --version)"
  "$python" -m venv --clear .venv
}

# A virtual environment whose Python was removed or upgraded away is made again.
[ -x .venv/bin/python ] && is_new_enough .venv/bin/python || make_venv

# requirements-dev.txt includes the other two, so its stamp covers all.
hash_of() { cat requirements.txt requirements-browser.txt "$1" | sha256sum | cut -d' ' -f1; }
stamp=".venv/.installed-$file"
wanted=$(hash_of "$file")
[ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && exit 0
if [ "$file" = requirements.txt ] &&
  [ "$(cat .venv/.installed-requirements-dev.txt 2>/dev/null)" = "$(hash_of requirements-dev.txt)" ]; then
  exit 0
fi

say "Installing the Python packages of $file"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --use-pep517 -r "$file"
printf '%s\n' "$wanted" >"$stamp"
