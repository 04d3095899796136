#!/bin/bash
# Runs the Python tests: builds the wheel once, and tests it under each Python from 3.11 on that is found, in an environment of
# its own (.venv-3.11 … of the checkout).
#   PYTHON=python3.12 python/run-tests.sh -k streams      one Python, some tests
set -eu -o pipefail
folder=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
if ! command -v python3 >/dev/null; then
  echo "skipped: the tests of the Python package, for want of Python 3.11 or later"
  exit 0
fi
logs=${IOLINK_LOGS:-$(mktemp -d)}
"$folder/build-wheel.sh" >/dev/null
wheel=$(ls "$folder"/dist/*.whl)
tested=
installed=$(ls "${PYENV_ROOT:-$HOME/.pyenv}"/versions/*/bin/python3 2>/dev/null || true)
for python in ${PYTHON:-python3 python3.11 python3.12 python3.13 python3.14 $installed}; do
  version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2]) if sys.version_info >= (3, 11) else sys.exit(1)' 2>/dev/null) || continue
  case " $tested " in *" $version "*) continue ;; esac
  tested="$tested $version"
  environment=$folder/../.venv-$version
  [ -x "$environment/bin/python" ] || "$python" -m venv "$environment"
  "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --force-reinstall --no-deps "$wheel"
  "$environment/bin/python" -m pip install --quiet --disable-pip-version-check "$wheel[test]"
  echo "Python $version"
  # Not from the sources: what is installed is tested.
  (cd "$folder/tests" && "$environment/bin/python" -m pytest -c ../pyproject.toml --rootdir .. -rs "$@" .) | tee "$logs/python-$version.log"
done
[ -n "$tested" ] || { echo "no Python 3.11 or later is found" >&2; exit 1; }
