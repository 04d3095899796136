"""Builds the extension module with `swift build`; everything else stands in pyproject.toml."""

import os
import pathlib
import shutil
import subprocess
import sysconfig

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

NATIVE = pathlib.Path(__file__).resolve().parent / "native"
# The module exports one function: what that does not reach is left out. `String.contains(String)` and its like do not compile, because
# each brings all of Swift's regular expressions with it.
# The compiler would keep object files of an earlier build without a section for each function: hence the last flag.
SMALL = (
    "-internalize-at-link", "-function-sections", "-disable-implicit-string-processing-module-import", "-disable-incremental-llvm-codegen"
)


class SwiftBuild(build_ext):
    """One module for Python 3.11 and later, with the Swift runtime inside."""

    def build_extension(self, ext):
        # Sources that were added to the library since the last build are only found when the package is examined again.
        os.utime(NATIVE / "Package.swift")
        command = ["swift", "build", "--package-path", str(NATIVE), "-c", "release", "--product", "iolink_core"]
        command += ["-Xcc", f"-I{sysconfig.get_path('include')}"]
        if os.uname().sysname == "Linux":
            command += ["-Xswiftc", "-static-stdlib"]
        for flag in SMALL:
            command += ["-Xswiftc", "-Xfrontend", "-Xswiftc", flag]
        command += os.environ.get("IOLINK_SWIFT_FLAGS", "").split()
        environment = os.environ | {"IOLINK_SMALL": "1"}
        subprocess.run(command, check=True, env=environment)
        built = subprocess.run([*command, "--show-bin-path"], env=environment, check=True, capture_output=True, text=True).stdout.strip()
        suffix = "dylib" if os.uname().sysname == "Darwin" else "so"
        target = pathlib.Path(self.get_ext_fullpath(ext.name))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(pathlib.Path(built) / f"libiolink_core.{suffix}", target)


setup(
    ext_modules=[Extension("iolink._core", [], py_limited_api=True)],
    cmdclass={"build_ext": SwiftBuild},
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
