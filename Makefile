# On a fresh machine, run `make demo` or `make test`. Both first install what is missing.

SWIFT ?= swift
STRICT = IOLINK_STRICT=1 $(SWIFT)
FLAGS = --explicit-target-dependency-import-check error

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
LOGS = .build/logs

.PHONY: docs readme sanitize demo test test-swift test-third-party test-python test-words test-dependencies bench fuzz lint python wheel dependencies python-dependencies clean

dependencies:
	@.ci/install-dependencies

test-dependencies:
	@.ci/install-dependencies tests

python-dependencies:
	@.ci/install-dependencies python

# Converts real files between five formats and shows the results.
demo: dependencies
	$(SWIFT) build -c release --product iolink
	@Examples/demo.sh "$$($(SWIFT) build -c release --show-bin-path)/iolink"

# Runs all tests, and ends with how many passed, how many were skipped, and why.
test: test-swift test-third-party test-python test-words
	@.ci/summary $(LOGS)/*.log

# With `IOLINK_ORACLE`, our readers of HDF5 and PNG are compared with the libraries of these formats, which nothing else needs.
test-swift: export IOLINK_ORACLE = 1
test-swift: test-dependencies
	@rm -rf $(LOGS) && mkdir -p $(LOGS)
	$(STRICT) build --build-tests $(FLAGS)
	$(STRICT) build -c release --product iolink $(FLAGS)
	IOLINK_COMMAND="$$($(STRICT) build -c release --show-bin-path)/iolink" $(STRICT) test --skip-build $(FLAGS) 2>&1 | tee $(LOGS)/swift.log

# A package outside this one: its codec keeps the laws, and its program links only the plugins that it names.
test-third-party: dependencies
	@mkdir -p $(LOGS)
	SWIFT="$(SWIFT)" Tests/ThirdParty/run.sh 2>&1 | tee $(LOGS)/third-party.log

# The phrases that the text of the project avoids, and the documentation of every public declaration of the core.
test-words: python-dependencies
	python3 Tests/words/check.py

test-python: python-dependencies
	@mkdir -p $(LOGS)
	@IOLINK_LOGS="$(CURDIR)/$(LOGS)" python/run-tests.sh

# Runs the tests of state that threads share under the thread sanitizer.
sanitize: dependencies
	@.ci/sanitize

# The documentation as a static site in .build/docs.
docs: dependencies
	@SWIFT=$(SWIFT) .ci/docs

# Prints rates of operations on memory and times of operations on files, each beside what limits it: a copy, a write, the compressor.
bench: dependencies
	cd Tests/benchmarks && $(SWIFT) run -c release iolink-bench

# Runs the fuzz targets of a codec, or all of them, for some seconds each: make fuzz FORMAT=tiff SECONDS=600
fuzz: dependencies
	@SWIFT="$(SWIFT)" Tests/fuzz/run.sh "$(FORMAT)" "$(or $(SECONDS),30)"

lint:
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Plugins Tests Examples python/native/Package.swift python/native/Sources

python: dependencies
	python3 -m pip install ./python

# Builds a wheel that can be installed where neither Swift nor the C libraries are present.
wheel: dependencies
	python/build-wheel.sh

clean:
	rm -rf .build

# Writes the support table of the README again.
readme:
	@$(SWIFT) run -c release iolink formats --markdown > .build/formats.md
	@sed -i -e '/<!-- formats: begin -->/,/<!-- formats: end -->/{//!d}' -e '/<!-- formats: begin -->/r .build/formats.md' README.md
