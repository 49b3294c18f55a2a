#!/usr/bin/env bash
# Runs every static check, all of them even when one fails, and names those that failed.
set -uo pipefail
cd "$(dirname "$0")/../.."

failed=()
step() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    printf 'ok    %s\n' "$name"
  else
    printf 'FAIL  %s (%s)\n%s\n\n' "$name" "$*" "$output"
    failed+=("$name")
  fi
}

PATH="$PWD/.venv/bin:$PATH"
step "ruff: rules" ruff check .
step "ruff: format" ruff format --check .
step "mypy: types" mypy .
step "djlint: templates" djlint --lint --quiet templates
step "import-linter: one-way imports, file vocabulary" lint-imports --no-logo
step "Django: system check" python manage.py check --fail-level WARNING
step "Django: migrations match the models" python manage.py makemigrations --check --dry-run

if [ ${#failed[@]} -gt 0 ]; then
  printf 'make check: %d failed:' "${#failed[@]}"
  printf ' [%s]' "${failed[@]}"
  printf '\n'
  exit 1
fi
echo "make check: all passed"
