# Sourced by the scripts beside it: installs packages of Debian's archive when we may, or says in one line what is missing.

# as_root COMMAND… – runs it as root, by sudo where we are not; only after may_install has agreed.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

# why_not_install – prints the reason why nothing can be installed here; prints nothing when it can.
why_not_install() {
  if ! command -v apt-get >/dev/null; then
    echo "there is no apt-get here"
  elif [ "$(id -u)" -ne 0 ] && ! sudo -n true 2>/dev/null; then
    echo "not root, and no sudo without a password"
  fi
}

# install_packages WHAT PACKAGE… – installs the packages, without starting any service they bring. WHAT begins the one
# line that is printed, with exit code 1, when that is not possible.
install_packages() {
  local what=$1 reason log policy=/usr/sbin/policy-rc.d made_policy=
  shift
  reason=$(why_not_install)
  if [ -n "$reason" ]; then
    echo "$what needs $* ($reason). On Debian: sudo apt-get install $*" >&2
    exit 1
  fi
  # A package's start script asks policy-rc.d first, and 101 means "do not start". A policy that exists is kept.
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    made_policy=yes
  fi
  echo "Installing $* …"
  log=$(mktemp)
  local done=yes
  { as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "$@"; } \
    >"$log" 2>&1 </dev/null || done=no
  [ -z "$made_policy" ] || as_root rm -f "$policy"
  if [ "$done" = no ]; then
    tail -n 20 "$log" >&2
    echo "$what needs $*, and apt-get could not install them: its last lines are above, all of them in $log" >&2
    exit 1
  fi
  rm -f "$log"
}
