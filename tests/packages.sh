#!/bin/sh
# Debian packages that the tests use: installed if we are root, otherwise named in the one line that installs them.
# Tests that need one that is not there are skipped with that reason.
missing=""
command -v mosquitto >/dev/null 2>&1 || [ -x /usr/sbin/mosquitto ] || missing="$missing mosquitto"
command -v openssl >/dev/null 2>&1 || missing="$missing openssl"
command -v strace >/dev/null 2>&1 || missing="$missing strace"
command -v systemd-analyze >/dev/null 2>&1 || missing="$missing systemd"
command -v dbus-daemon >/dev/null 2>&1 || missing="$missing dbus"
command -v faketime >/dev/null 2>&1 || missing="$missing faketime"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing Debian packages for the tests:$missing"
    # shellcheck disable=SC2086
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } >/dev/null \
        || echo "that failed; the tests that need them will be skipped"
else
    echo "some tests will be skipped; to run them all, as root: apt-get install --no-install-recommends$missing"
fi
exit 0
