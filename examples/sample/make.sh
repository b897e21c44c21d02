#!/bin/sh
# Makes the sample trace anew: builds the program, traces it with valgrind, and packs the trace. The build copies it. Needs a C compiler, valgrind and a built checkout (npm run build).
#
# Another compiler, C library or valgrind makes another trace: expected.json has the counts of the one that is kept.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cc -O1 -static -o "$work/sample" "$here/sample.c"
# An empty environment: the program's stack starts at the same place whoever runs it.
(cd "$work" && env -i valgrind --tool=lackey --trace-mem=yes --log-file=sample.lackey ./sample >/dev/null)
node "$root/dist/cli.js" trace convert "$work/sample.lackey" -o "$work/sample.packed"
gzip -9n "$work/sample.packed"
cp "$work/sample.packed.gz" "$here/sample.packed.gz"
