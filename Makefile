# make demo | test | lint | docs | bench | clean; each creates .venv first if it is missing or out of date.

PYTHON ?= python3
DATA ?= ../shared/data
# Listeners of others, where their folders are there.
DTLN := $(patsubst %,--dtln %,$(wildcard ../shared/models/dtln))
WHISPER := $(patsubst %,--whisper %,$(wildcard build/models/whisper-tiny.en))
CAMPPLUS := $(patsubst %,--encoder %,$(wildcard build/models/campplus))

BIN := .venv/bin
BENCHMARK := $(BIN)/python -m benchmarks
INSTALL := $(PYTHON) -m venv .venv && $(BIN)/pip install -q -c constraints.txt
# One thread per worker: more would only compete for the same cores.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist worksteal

.PHONY: demo test lint docs bench clean

demo: .venv/.plain
	$(BIN)/sottovoce demo

test: .venv/.dev
	$(PYTEST)

lint: .venv/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: .venv/.dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench: .venv/.dev
	$(BENCHMARK) words --data $(DATA)
	$(BENCHMARK) voice --data $(DATA)
	$(BENCHMARK) dong2022 --data $(DATA) $(DTLN) $(WHISPER)
	$(BENCHMARK) keyed --data $(DATA)
	$(BENCHMARK) guo2024 --data $(DATA) $(CAMPPLUS) $(WHISPER)
	$(BENCHMARK) wang2020 --data $(DATA)
	$(BENCHMARK) searches --data $(DATA)
	$(BENCHMARK) yang2020 --data $(DATA) $(DTLN)
	$(BIN)/sottovoce bench speed --overwrite
	$(BENCHMARK) render-music -o build/music
	$(BENCHMARK) wang2020 --data $(DATA) --music build/music/music.csv
	$(BENCHMARK) papers

clean:
	rm -rf .venv build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src benchmarks examples tests -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.plain: pyproject.toml constraints.txt
	$(INSTALL) -e .
	touch $@

.venv/.dev: pyproject.toml constraints.txt
	$(INSTALL) -e '.[dev]'
	touch $@ .venv/.plain
