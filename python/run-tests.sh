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
mkdir -p "$logs"
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
done
[ -n "$tested" ] || { echo "no Python 3.11 or later is found" >&2; exit 1; }

# Tests wait more than they compute, so two Pythons run them at a time. Not from the sources: what is installed is tested.
test_python() {
  (cd "$folder/tests" && "$folder/../.venv-$1/bin/python" -m pytest -c ../pyproject.toml --rootdir .. -rs "${@:2}" .) >"$logs/python-$1.log" 2>&1
}
failed=0
show() {
  wait "$2" || failed=1
  echo "Python $1"
  cat "$logs/python-$1.log"
}
earlier=
for version in $tested; do
  test_python "$version" "$@" &
  process=$!
  [ -z "$earlier" ] || show $earlier
  earlier="$version $process"
done
show $earlier
exit "$failed"
