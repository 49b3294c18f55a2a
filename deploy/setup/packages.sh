# Installing Debian's packages, for the scripts that name what they lack. Sourced, not run.

say() { printf '%s\n' "$*"; }
has() { command -v "$1" >/dev/null; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}
can_install() { has apt-get && { [ "$(id -u)" = 0 ] || { has sudo && sudo -n true 2>/dev/null; }; }; }

# install_packages "the tests" postgresql …: what fails is said, and does not end the script.
install_packages() {
  local purpose=$1 log package
  shift
  log=$(mktemp)
  say "Installing Debian packages for $purpose: $*"
  as_root apt-get update -qq >"$log" 2>&1 || tail -n 3 "$log"
  # One by one: a package this distribution lacks must not keep the others away.
  for package in "$@"; do
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" \
      >"$log" 2>&1 </dev/null || { say "apt-get install $package failed:"; tail -n 3 "$log"; }
  done
  rm -f "$log"
}
