#!/bin/sh
# Runs the Python tests in an environment of their own, .venv of the checkout. The last line is pytest's.
#   PYTHON=python3.12 python/run-tests.sh -k streams
set -eu
folder=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
environment=${IOLINK_VENV:-$folder/../.venv}
[ -x "$environment/bin/python" ] || "${PYTHON:-python3}" -m venv "$environment"
"$environment/bin/python" -m pip install --quiet --disable-pip-version-check "$folder[test]"
# Not from the sources: what is installed is tested.
cd "$folder/tests"
exec "$environment/bin/python" -m pytest -c ../pyproject.toml --rootdir .. "$@" .
