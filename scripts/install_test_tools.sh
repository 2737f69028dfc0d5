#!/usr/bin/env bash
# Makes sure that what `make test` needs outside Python is here: Chromium, a PostgreSQL server, Redis.
# Missing ones are installed from Debian's archive when we may; otherwise one line says what to install, exit code 1.
# The tests start servers of their own (tests/servers.py), so the services that the packages bring stay as they are:
# none is started by this script, none is used.
set -euo pipefail

has_chromium() { [ -x /usr/bin/chromium ]; }
has_postgresql() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null; }
has_redis() { command -v redis-server >/dev/null; }

missing=()
has_chromium || missing+=(chromium)
has_postgresql || missing+=(postgresql)
has_redis || missing+=(redis-server)
[ ${#missing[@]} -eq 0 ] && exit 0

refuse() {
  echo "make test needs ${missing[*]} ($1); on Debian: sudo apt-get install ${missing[*]}" >&2
  exit 1
}

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  sudo -n true 2>/dev/null || refuse "not root, and no sudo without a password"
  as_root=(sudo -n)
fi
command -v apt-get >/dev/null || refuse "no apt-get here to install them with"

# A package's start script asks policy-rc.d first; 101 means "do not start". An existing policy is kept.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"
  trap '"${as_root[@]}" rm -f "$policy"' EXIT
fi

log=$(mktemp)
echo "Installing ${missing[*]} for the tests …"
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y "$@" >>"$log" 2>&1; }
if ! { apt update && apt install --no-install-recommends "${missing[@]}"; }; then
  tail -n 20 "$log" >&2
  refuse "apt-get failed, its last lines are above, the whole log is $log"
fi
rm -f "$log"

for tool in chromium postgresql redis; do
  "has_$tool" || { echo "apt-get installed ${missing[*]}, but $tool is still not found" >&2; exit 1; }
done
