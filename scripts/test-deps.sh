#!/bin/sh
# Installs what e2e/ needs besides Go: the clients of other people that it runs
# against the server. Does nothing where all is there.
set -eu
cd "$(dirname "$0")/../e2e/clients"

missing=
for c in node:nodejs npm:npm curl:curl; do
	command -v "${c%:*}" >/dev/null || missing="$missing ${c#*:}"
done
# the browsers that e2e/browser_test.go knows
test -n "${CHROMIUM:-}" || command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
	missing="$missing chromium"

if test -n "$missing"; then
	if ! command -v apt-get >/dev/null; then
		echo "the tests need:$missing; install them (a browser elsewhere is named by CHROMIUM)" >&2
		exit 1
	fi
	sudo=
	test "$(id -u)" = 0 || sudo=sudo
	$sudo apt-get update -qq
	# shellcheck disable=SC2086 # a list
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
fi

if ! node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; then
	echo "the tests need Node 20 or newer, here is $(node --version)" >&2
	exit 1
fi

# what is installed is told by a copy of the lock file beside it
if ! cmp -s package-lock.json node_modules/.installed; then
	npm ci --no-progress --loglevel=error
	cp package-lock.json node_modules/.installed
fi
