#!/usr/bin/env bash
# Makes .env beside docker-compose.yml, with new random secrets; adds what is missing to one that is there.
set -euo pipefail
cd "$(dirname "$0")/../.."

random() { LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c 50; }

touch .env
chmod 600 .env
for name in SECRET_KEY POSTGRES_PASSWORD \
  POP_HMAC_KEY_SEOUL POP_HMAC_KEY_TOKYO POP_HMAC_KEY_SINGAPORE \
  POP_HMAC_KEY_FRANKFURT POP_HMAC_KEY_VIRGINIA POP_HMAC_KEY_OREGON; do
  if ! grep -q "^$name=." .env; then
    printf '%s=%s\n' "$name" "$(random || true)" >>.env
    printf 'added %s\n' "$name"
  fi
done
