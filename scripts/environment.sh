#!/usr/bin/env bash
# scripts/environment.sh LOCK – makes .venv hold the packages of a lock file (requirements.lock, requirements-dev.lock).
# Costs nothing when they are there already: .venv/installed names the check sums of the locks it holds.
# PYTHON chooses the interpreter; else the first of python3, python3.13, python3.12, python3.11 that is new enough.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/debian.sh

lock=$1
sum=$(cksum <"$lock")
works() { .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
if works && grep -qsxF "$sum" .venv/installed; then exit 0; fi

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
find_python() {
  local name found
  for name in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    if is_new_enough "$name"; then echo "$name"; return; fi
  done
  name=${PYTHON:-python3}
  found=$("$name" --version 2>/dev/null | head -n 1) || true
  echo "Durchwahl needs Python 3.11 or newer; $name is ${found:-not there}." \
    "Install one, or name it: make PYTHON=/path/to/python …" >&2
  return 1
}

if ! works; then
  python=$(find_python)
  if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    install_packages "Making the Python environment" "python$version-venv"
  fi
  "$python" -m venv --clear .venv
fi

echo "Installing the packages of $lock into .venv (some 15 to 50 seconds, once) …"
rm -f .venv/installed
log=$(mktemp)
if ! .venv/bin/python -m pip install --disable-pip-version-check --no-input --require-hashes -r "$lock" >"$log" 2>&1; then
  grep -v '^WARNING' "$log" | tail -n 20 >&2
  echo "pip could not install the packages of $lock: its last lines are above, all of them in $log" >&2
  exit 1
fi
rm -f "$log"
# The development lock holds the running one: `make run` after `make test` has nothing to install.
if [ "$lock" = requirements-dev.lock ]; then cksum <requirements.lock >.venv/installed; fi
echo "$sum" >>.venv/installed
