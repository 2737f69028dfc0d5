#!/usr/bin/env bash
# Makes sure that what `make test` needs outside Python is here: Chromium, a PostgreSQL server, Redis, nginx, systemd-analyze.
# The tests start servers of their own (tests/services.py): the services that the packages bring are neither started
# nor used.
set -euo pipefail
. "$(dirname "$0")/debian.sh"

has_chromium() { [ -x /usr/bin/chromium ]; }
has_postgresql() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null; }
has_redis_server() { command -v redis-server >/dev/null; }
has_nginx() { command -v nginx >/dev/null || [ -x /usr/sbin/nginx ]; }
has_systemd_analyze() { command -v systemd-analyze >/dev/null; }

missing() {
  has_chromium || echo chromium
  has_postgresql || echo postgresql
  has_redis_server || echo redis-server
  has_nginx || echo nginx-light
  has_systemd_analyze || echo systemd
}

wanted=$(missing)
[ -n "$wanted" ] || exit 0
# shellcheck disable=SC2086  # the names are words of their own
install_packages "make test" $wanted
wanted=$(missing)
if [ -n "$wanted" ]; then
  echo "make test needs" $wanted "– installed, but not found where it should be" >&2
  exit 1
fi
