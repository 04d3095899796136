# Two commands on a fresh machine: `make demo` and `make test`. Both install what is missing first.

SWIFT ?= swift
STRICT = IOLINK_STRICT=1 $(SWIFT)
FLAGS = --explicit-target-dependency-import-check error

.PHONY: readme sanitize demo test test-swift test-release test-python bench lint python wheel dependencies clean

dependencies:
	@.ci/install-dependencies

# Converts real files between all five formats and shows what happened.
demo: dependencies
	$(SWIFT) build -c release --product iolink
	@Examples/demo.sh "$$($(SWIFT) build -c release --show-bin-path)/iolink"

test: test-swift test-python

test-swift: dependencies
	$(STRICT) build --build-tests $(FLAGS)
	$(STRICT) build -c release --product iolink $(FLAGS)
	IOLINK_COMMAND="$$($(STRICT) build -c release --show-bin-path)/iolink" $(STRICT) test --skip-build $(FLAGS)

test-python: dependencies
	@if [ -x python/run-tests.sh ]; then python/run-tests.sh; fi

# Many threads under the thread sanitizer; slow.
sanitize: dependencies
	IOLINK_LAWS=threads $(SWIFT) test --sanitize=thread --scratch-path .build-sanitize --filter 'ConformanceTests/law|IOLinkSystemTests|ChunkCacheTests|ChunkTests|TransferTests'

bench: dependencies
	cd Tests/benchmarks && $(SWIFT) run -c release iolink-bench

lint:
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Plugins Tests Examples python/native/Package.swift python/native/Sources

python: dependencies
	python3 -m pip install ./python

# A wheel that needs neither Swift nor the C libraries where it is installed.
wheel: dependencies
	python/build-wheel.sh

clean:
	rm -rf .build

# Writes the support table of the README anew.
readme:
	@$(SWIFT) run -c release iolink formats --markdown > .build/formats.md
	@sed -i -e '/<!-- formats: begin -->/,/<!-- formats: end -->/{//!d}' -e '/<!-- formats: begin -->/r .build/formats.md' README.md
