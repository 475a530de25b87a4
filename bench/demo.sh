#!/bin/sh
# Shows the whole way of a file: sent, refused with its report, mended, fresh.
# SIZE=1GiB is the default.
set -eu
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
addr=127.0.0.1:${PORT:-8003}
export FRESHET_SERVER=http://$addr
bin/freshet serve --listen "$addr" --data-dir "$dir/data" 2>"$dir/serve.log" &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null || true; rm -rf "$dir"' EXIT INT TERM
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

say "A chat file of ${SIZE:=1GiB} with 7 faults"
go run ./bench/gen -kind chat -size "$SIZE" -faults 7 >"$dir/chat.jsonl"
ls -lh "$dir/chat.jsonl"
until curl -sf "$FRESHET_SERVER/readyz" >/dev/null; do kill -0 $server; done

say "freshet upload chat.jsonl"
code=0; time bin/freshet upload "$dir/chat.jsonl" >"$dir/out" || code=$?
cat "$dir/out"; test $code = 3
id=$(cut -d' ' -f1 "$dir/out")

say "freshet report $id"
bin/freshet report "$id" || test $? = 3

say "Mended: the lines at fault are left out"
bin/freshet report --all "$id" | sed -n 's/.*"severity":"error","line":\([0-9]*\).*/\1d/p' | sort -u >"$dir/faults.sed"
cat "$dir/faults.sed"
sed -f "$dir/faults.sed" "$dir/chat.jsonl" >"$dir/mended.jsonl"

say "freshet upload mended.jsonl"
time bin/freshet upload "$dir/mended.jsonl"
bin/freshet ls
