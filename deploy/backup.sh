#!/bin/sh
# Copies an installation on disk and SQLite while it runs:
#   backup.sh DATA_DIR BACKUPS
# makes BACKUPS/TIME and points BACKUPS/latest at it. What did not change since
# the last one is linked, not copied. Needs sqlite3 and rsync. Exit code 1: bytes
# of a file are missing, the backup is not to be relied on.
set -eu
test $# = 2 || { echo "usage: $0 DATA_DIR BACKUPS" >&2; exit 2; }
from=$(cd "$1" && pwd)
mkdir -p "$2"
to=$(cd "$2" && pwd)
time=$(date -u +%Y%m%dT%H%M%S.%3NZ)
new=$to/$time.unfinished
mkdir "$new" "$new/blobs"

# Heads of the audit log before the facts, which have all of them then. The key
# that signs them stays where it is.
test ! -d "$from/audit" || rsync -a "$from/audit" "$new/"

# Facts first: what they tell of was synced before them, so it is in the store
# by now. One read transaction, which holds up no writer.
sqlite3 -cmd '.timeout 30000' "$from/catalog.db" "VACUUM INTO '$new/catalog.db'"

# Then bytes, in the order in which files move, and all of them once more for
# those that moved the other way. A file's bytes are never changed once it has its
# name; the head of a sealed one may be, page by page.
copy() {
	test -d "$from/blobs/$1" || return 0
	mkdir -p "$new/blobs/$1"
	set -- "$1" ${2:+--ignore-existing}
	test ! -d "$to/latest/blobs/$1" || set -- "$@" --link-dest="$to/latest/blobs/$1"
	dir=$1
	shift
	rsync -a "$@" "$from/blobs/$dir/" "$new/blobs/$dir/" || test $? = 24 # some went meanwhile
}
copy .parts
for tree in training-data .sealed/training-data; do
	copy $tree/uploads
	copy $tree/fresh
	copy $tree/archived
	copy $tree/quarantine
done
copy . again

# Files that moved meanwhile go back to where the facts have them.
cd "$new/blobs"
sqlite3 ../catalog.db "SELECT id, status, object_key, moving_to FROM files WHERE status <> 'uploading' AND NOT (status = 'failed' AND failure_kind = 'upload')" >../files
missing=0
here() { test -e "$1" || test -e ".sealed/$1"; }
while IFS='|' read -r id status key moving; do
	here "$key" && continue
	test -n "$moving" && here "$moving" && continue
	found=$(find training-data/*/"$id" .sealed/training-data/*/"$id" -type f 2>/dev/null | head -n 1)
	if test -n "$found"; then
		case $found in .sealed/*) key=.sealed/$key ;; esac
		mkdir -p "${key%/*}"
		mv "$found" "$key"
	elif test -n "$(sqlite3 -cmd '.timeout 30000' "$from/catalog.db" "SELECT 1 FROM files WHERE id = '$id'")"; then
		echo "missing: $id ($status) $key" >&2
		missing=$((missing + 1))
	else
		echo "deleted meanwhile: $id ($status) $key" >&2
	fi
done <../files
rm ../files
test $missing = 0 || { echo "$missing files have no bytes; the copy is left in $new" >&2; exit 1; }

cd "$to"
sync -f "$new"
mv -T "$new" "$time"
ln -sfn "$time" latest
echo "$to/$time"
