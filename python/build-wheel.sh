#!/bin/sh
# Builds python/dist/iolink-*.whl: one for Python 3.11 and later, which needs no Swift where it is installed.
set -eu
folder=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
environment=${IOLINK_VENV:-$folder/../.venv}
[ -x "$environment/bin/python" ] || "${PYTHON:-python3}" -m venv "$environment"
"$environment/bin/python" -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir "$folder/dist" "$folder"
ls "$folder/dist"
