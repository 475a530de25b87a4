#!/bin/sh
# Installs what the tests need besides Go: the servers of other people that they
# run against, the proxies that deploy/ is made for, and the clients of other
# people that e2e/ runs against ours. Does nothing where all is there.
set -eu
PATH=$PATH:/usr/sbin
cd "$(dirname "$0")"
./test-servers.sh
cd ../e2e/clients

missing=
for c in node:nodejs npm:npm curl:curl nginx:nginx-light caddy:caddy rsync:rsync sqlite3:sqlite3 clamd:clamav-daemon; do
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
	# the tests start what they need themselves: nothing is to run because it was installed
	policy=/usr/sbin/policy-rc.d
	if ! test -e "$policy"; then
		trap '$sudo rm -f "$policy"' EXIT
		printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null
		$sudo chmod 755 "$policy"
	fi
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

../../scripts/web-deps.sh
