#!/bin/sh
# Set the course up from this folder, with no network, and open it: sh start.sh
here=$(cd "$(dirname "$0")" && pwd)
version=$(sed -n 's/.*"python": "\([0-9.]*\)".*/\1/p' "$here/made-for.json")
for python in "python$version" python3 python; do
    command -v "$python" >/dev/null 2>&1 && exec "$python" "$here/start.py" "$@"
done
echo "start: there is no Python on this machine; install Python $version" >&2
exit 1
