# `make test` sets up everything and runs all the tests; see CONTRIBUTING.md for the other targets.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SUITE ?= bookworm
SCENARIO ?= smb

MINUTES ?= 30
SEED ?= 1
MOVES ?= 10

.PHONY: help demo test fast screens embedded labtest check bench soak moves package handout manual completions pictures lab lab-install constraints clean
help:
	@echo 'make demo         set up, then the terminal on a simulated pair (SCENARIO=…: .venv/bin/lvstop demo --list)'
	@echo 'make test         set up, then all tests (those of the lab need root and Debian; else they are skipped)'
	@echo 'make fast         only the tests that need nothing and take seconds'
	@echo 'make screens      only the tests of the application on a screen, pictures and smoke tests of benchmarks'
	@echo 'make embedded     only the tests of the whole program against the simulated pair, over SSH on this machine'
	@echo 'make labtest      only the tests on real directors'
	@echo 'make check        lint, types, import contracts, spelling, shell'
	@echo 'make bench        benchmarks, printed as ratios (ARGS=--quick: fewer rounds)'
	@echo 'make soak         the wall on a real pair with a fault every 20 s, judged (MINUTES=30 SEED=1 SUITE=bookworm; needs root)'
	@echo 'make moves        how long a VIP that moves on a real pair takes to the screen (MOVES=10 SUITE=bookworm; needs root)'
	@echo 'make package      build wheel and sdist, and try each in an empty environment'
	@echo 'make handout      manual page, completions and pictures, made again (or one: manual, completions, pictures)'
	@echo 'make lab          boot a real pair and leave it up (SUITE=bullseye|bookworm|trixie; needs root)'

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("lvstop needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable . --group dev
	touch $(STAMP)

demo: $(STAMP)
	$(BIN)/lvstop demo $(SCENARIO)

test: fast screens embedded labtest

fast: $(STAMP)
	$(BIN)/python -m pytest -q -m 'not lab and not screen and not embedded' -n 2

screens: $(STAMP)
	$(BIN)/python -m pytest -q -m screen -n 2

embedded: $(STAMP)
	$(BIN)/python -m pytest -q -m embedded -n 2

labtest: $(STAMP)
	$(BIN)/python -m pytest -q -m lab -rs -n 2 --dist loadgroup

check: $(STAMP)
	$(BIN)/ruff check src tests
	$(BIN)/ruff format --check src tests
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell README.md CHANGELOG.md CONTRIBUTING.md docs themes sample_clusters src tests
	@if command -v shellcheck >/dev/null; then shellcheck -s sh src/lvstop/*/programs/*.sh src/lvstop/actions/rights/director.sh && shellcheck .ci/run .ci/package; \
	else echo 'shellcheck is not installed: the programs were not linted'; fi

bench: $(STAMP)
	cd tests && ../$(BIN)/python -m benchmarks $(ARGS)

soak: lab-install
	cd tests && ../$(BIN)/python -m soak --minutes $(MINUTES) --seed $(SEED) --suite $(SUITE)

moves: lab-install
	cd tests && ../$(BIN)/python -m benchmarks.lab_moves --moves $(MOVES) --suite $(SUITE)

package: $(STAMP)
	PYTHON=$(BIN)/python .ci/package

# what is made of the program itself; tests tell when it has to be made again
handout: manual completions pictures

manual: $(STAMP)
	cd tests && ../$(BIN)/python -m support.man_page

completions: $(STAMP)
	cd tests && ../$(BIN)/python -m support.completions

pictures: $(STAMP)
	cd tests && ../$(BIN)/python -m support.doc_pictures

lab-install: $(STAMP)
	cd tests && ../$(BIN)/python -m lab install

lab: lab-install
	cd tests && ../$(BIN)/python -m lab up --suite $(SUITE) --attach

constraints: $(STAMP)
	{ head -1 constraints.txt; $(BIN)/python -m pip freeze --all --exclude lvstop --exclude-editable; } > constraints.new
	mv constraints.new constraints.txt

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
