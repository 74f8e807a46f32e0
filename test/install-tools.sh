#!/bin/sh
# Installs what the tests need and is not there yet: Chromium, and Python with
# its readers of calendars and news and its verifier of DKIM signatures (Debian
# and Ubuntu package names).
set -eu

missing=""
if ! command -v chromium >/dev/null 2>&1; then missing="$missing chromium"; fi
if ! command -v python3 >/dev/null 2>&1 || ! /usr/bin/python3 -c 'import icalendar' >/dev/null 2>&1; then
	missing="$missing python3 python3-icalendar"
fi
if ! /usr/bin/python3 -c 'import dkim, nacl' >/dev/null 2>&1; then
	missing="$missing python3-dkim python3-nacl"
fi
if ! /usr/bin/python3 -c 'import feedparser' >/dev/null 2>&1; then missing="$missing python3-feedparser"; fi
if [ -z "$missing" ]; then exit 0; fi

if ! command -v apt-get >/dev/null 2>&1; then
	echo "The tests need:$missing. Install them with this system's package manager and run make test again." >&2
	exit 1
fi
run=""
if [ "$(id -u)" != 0 ]; then
	run="sudo"
fi
echo "Installing for the tests:$missing"
$run apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq $missing >/dev/null
