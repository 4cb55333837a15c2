# make demo | test | lint | bench | clean; each creates .venv first if it is missing or out of date.

PYTHON ?= python3
DATA ?= ../shared/data

BIN := .venv/bin
INSTALL := $(PYTHON) -m venv .venv && $(BIN)/pip install -q -c constraints.txt
# One thread per worker: more would only compete for the same cores.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/pytest -n 2

.PHONY: demo test lint bench clean

demo: .venv/.plain
	$(BIN)/sottovoce demo

test: .venv/.dev
	$(PYTEST)

lint: .venv/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.dev
	$(BIN)/sottovoce bench enhancement --data $(DATA)
	$(BIN)/sottovoce bench speaker --data $(DATA)
	$(BIN)/sottovoce bench commands --data $(DATA)
	$(BIN)/sottovoce bench recognition --data $(DATA)
	$(BIN)/sottovoce bench speed
	$(BIN)/sottovoce render-music -o build/music
	$(BIN)/sottovoce bench commands --data $(DATA) --music build/music/music.csv

clean:
	rm -rf .venv build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src benchmarks examples tests -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.plain: pyproject.toml constraints.txt
	$(INSTALL) -e .
	touch $@

.venv/.dev: pyproject.toml constraints.txt
	$(INSTALL) -e '.[dev]'
	touch $@ .venv/.plain
