#!/usr/bin/env bash
# Converts real files between five formats and shows the results. Usage: demo.sh PATH-TO-IOLINK
set -euo pipefail
iolink=$1
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

run() { echo; echo "\$ iolink $*"; "$iolink" "$@"; }

cd "$work"
cp "$here/fixtures/tiff/imagej_hyperstack.tif" stack.tif
cp "$here/fixtures/png/physical_metre.png" picture.png

run info stack.tif
run convert stack.tif stack.h5 -o level=4
run info stack.h5
run convert stack.h5 stack.npy
run convert stack.npy stack.raw
run convert stack.h5 back.tif -o compression=zstd
run diff stack.tif back.tif --ignore metadata --ignore calibration
run convert picture.png picture.tif
run convert picture.tif picture.h5
run convert picture.h5 again.png
run diff picture.png again.png --ignore metadata
run formats
ls -l
picture=$here/.build/demo.png
cp "$here/fixtures/tiff/ome_cells.ome.tif" cells.ome.tif
run preview cells.ome.tif "$picture" --at z=1
echo
echo "A plane of the stack of cells: $picture"
