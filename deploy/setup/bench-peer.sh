#!/usr/bin/env bash
# Installs the peer of the live bench (Socket.IO, ioredis) beside its server, only when its lock file has
# changed since. It is no part of the root's package.json, so that the tests need not wait for it.
set -euo pipefail
cd "$(dirname "$0")/../.."
PATH="$PATH:$PWD/.venv/bin" # Node.js, where the machine has none
cd benches/live/peer

hash=$(sha256sum package-lock.json | cut -d' ' -f1)
[ "$(cat node_modules/.installed 2>/dev/null)" = "$hash" ] && exit 0
echo "Installing the npm packages of benches/live/peer"
npm ci --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null
echo "$hash" >node_modules/.installed
