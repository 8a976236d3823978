# `make demo` and `make test` are the two commands to know; each makes the environments it needs.

PYTHON ?= python3.11
BPY45 := 4.5.15
BPY50 := 5.0.1
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' blender_manifest.toml)
EXTENSION := dist/kinetone-$(VERSION).zip

ENGINE := .venv/.installed
BLENDER45 := .venv-bpy45/.installed-$(BPY45)-hypothesis
BLENDER50 := .venv-bpy50/.installed-$(BPY50)-hypothesis

# Blender's own extension builder runs under plain Python.
BUILDER = $(wildcard .venv-bpy45/lib/python3*/site-packages/bpy/*/scripts/addons_core/bl_pkg/cli/blender_ext.py)
EXTENSION_SOURCES := $(shell find blender_addon core assets/default_checkpoint -type f -not -path '*/__pycache__/*' 2>/dev/null)

.PHONY: env test lint types demo bench extension clean

env: $(ENGINE) $(BLENDER45) $(BLENDER50)

$(ENGINE): pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Kinetone needs Python 3.11. Install it, or name one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	test -x .venv/bin/python || $(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --editable '.[train,test]'
	touch $@

$(BLENDER45): VENV = .venv-bpy45
$(BLENDER45): WHEEL = bpy==$(BPY45)
$(BLENDER50): VENV = .venv-bpy50
$(BLENDER50): WHEEL = bpy==$(BPY50)
$(BLENDER45) $(BLENDER50):
	@command -v $(PYTHON) >/dev/null || { echo "Blender's bpy needs Python 3.11. Install it, or name one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet $(WHEEL) pytest hypothesis
	touch $@

test: env extension lint types
	.venv/bin/python -m pytest

# Hours of load: generations by the hundred, an hour of dance, long batches. KINETONE_SOAK=0.01 makes them short.
.PHONY: test-soak
test-soak: env extension
	.venv/bin/python -m pytest -s tests/soak

# Blender's own window, clicked by mouse: needs an X display, xdotool and ImageMagick.
BLENDER ?= blender
GUI_FOLDER := $(CURDIR)/build/gui

.PHONY: test-gui
test-gui: env extension
	rm -rf $(GUI_FOLDER)
	KINETONE_GUI_BLENDER='$(BLENDER)' KINETONE_GUI_FOLDER=$(GUI_FOLDER) .venv/bin/python -m pytest -s tests/gui
	@echo "Screenshots: $(GUI_FOLDER)/*/shots"

# What the engine's installer takes from PyPI: every distribution for every system and Python that it knows,
# by hash. Made anew after a change of blender_addon/engine_requirements.txt; `make lock UPGRADE=--upgrade`
# also takes newer versions of what that needs. Without PyTorch, for its builds that are not on PyPI.
.PHONY: lock
LOCKS := blender_addon/engine_locks
LOCK := .venv/bin/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--only-binary :all: --no-annotate --custom-compile-command 'make lock' $(UPGRADE)

lock: $(ENGINE)
	.venv/bin/python -m pip install --quiet uv
	echo 'pip==25.3' | $(LOCK) - --output-file $(LOCKS)/pip.txt
	$(LOCK) blender_addon/engine_requirements.txt --output-file $(LOCKS)/with_torch.txt
	$(LOCK) blender_addon/engine_requirements.txt --constraint $(LOCKS)/with_torch.txt \
		--output-file $(LOCKS)/without_torch.txt \
		$$(sed -nE 's/^(torch|triton|cuda|nvidia)([^=]*)==.*/--no-emit-package \1\2/p' $(LOCKS)/with_torch.txt)

# Each reader of what strangers made, fuzzed for so long; what breaks one is kept in build/fuzz.
FUZZ_SECONDS ?= 60

.PHONY: fuzz
fuzz: $(ENGINE)
	.venv/bin/python -m pip install --quiet --editable '.[fuzz]'
	.venv/bin/python tests/fuzz/fuzz.py --seconds $(FUZZ_SECONDS)

lint: $(ENGINE)
	.venv/bin/ruff check
	.venv/bin/ruff format --check

# mypy finds the package by the name of its folder, which a checkout may call anything.
types: $(ENGINE)
	mkdir -p build/typecheck
	ln -sfn ../.. build/typecheck/kinetone
	MYPYPATH=build/typecheck .venv/bin/mypy -p kinetone.core -p kinetone.training -p kinetone.blender_addon

extension: $(EXTENSION)

$(EXTENSION): $(BLENDER45) blender_manifest.toml __init__.py LICENSE $(wildcard README.md) $(EXTENSION_SOURCES)
	mkdir -p dist
	.venv-bpy45/bin/python $(BUILDER) build --source-dir . --output-filepath $@
	.venv-bpy45/bin/python $(BUILDER) validate $@

demo: $(ENGINE) $(EXTENSION)
	.venv-bpy45/bin/python assets/sample/demo.py --extension $(EXTENSION) --engine-python .venv/bin/python

bench: $(ENGINE) $(EXTENSION)
	.venv/bin/python -m pip install --quiet --editable '.[bench]'
	.venv/bin/python benchmarks/run.py

clean:
	rm -rf build dist demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +
