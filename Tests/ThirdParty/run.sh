#!/usr/bin/env bash
# Builds this package against the library beside it, runs its tests, and looks at what its program links.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
swift=${SWIFT:-swift}
scratch=("--scratch-path" "$root/.build/third-party")

$swift test "${scratch[@]}"
$swift build "${scratch[@]}" --product npy-to-png
program="$($swift build "${scratch[@]}" --show-bin-path)/npy-to-png"
target=$(mktemp -d)
trap 'rm -rf "$target"' EXIT
"$program" "$root/fixtures/npy/rgb_uint8.npy" "$target/image.png"
test -s "$target/image.png"
if ldd "$program" | grep -E 'libhdf5|libtiff|libaec|libsz|liblz4|libblosc|libzfp|libcharls|libexpat'; then
  echo "npy-to-png links libraries of plugins that it does not use" >&2
  exit 1
fi
echo "npy-to-png links $(ldd "$program" | wc -l) libraries, none of them of another plugin"
