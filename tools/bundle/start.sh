#!/bin/sh
# Set the course up from this folder, with no network, and open it: sh start.sh [DIR]
here=$(cd "$(dirname "$0")" && pwd)
version=$(sed -n 's/.*"python": "\([0-9.]*\)".*/\1/p' "$here/made-for.json")
fits='import sys; sys.path.insert(0, sys.argv[1]); import start; start.check_machine()'
found=
for python in "python$version" python3 python; do
    command -v "$python" >/dev/null 2>&1 || continue
    found=$python
    "$python" -B -c "$fits" "$here" 2>/dev/null && break
done
# If none fits, the last one says what is amiss.
[ -n "$found" ] && exec "$found" -B "$here/start.py" "$@"
echo "start: there is no Python on this machine; install Python $version" >&2
exit 1
