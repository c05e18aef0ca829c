# The two commands: `make demo` and `make test`. Everything else serves them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml setup.py $(wildcard ext/*.pyx ext/*.pxd ext/c/*.h ext/c/*/*.h)
# Without PYTHONSAFEPATH the clone's own folders would be found before what was installed. Python keeps what it has
# compiled, also where the environment says that it should not: to compile all tests takes each process 2 s.
RUN := PYTHONSAFEPATH=1 PYTHONDONTWRITEBYTECODE= $(BIN)/python

.PHONY: help demo test lint types bench campaign wheel lock audit packages clean

help:
	@echo "make demo       a simulated pump, a broker and the gateway, live in this terminal (SECONDS=60 FAULT=cavitation)"
	@echo "make test       the tests, against the installed package"
	@echo "make lint types bench campaign wheel lock audit clean"

SECONDS ?= 60
FAULT ?= cavitation

demo: $(VENV)/demo
	@$(BIN)/gatewayd demo --seconds $(SECONDS) --fault $(FAULT)

# Each of the four processes would spend ten seconds on rewriting all asserts: that is done for those that fail.
test: $(VENV)/dev packages
	@$(RUN) -m compileall -q -j 0 tests
	@$(RUN) -m pytest -n 4 --dist worksteal --assert=plain $(ARGS) || { \
		echo "--- what failed, once more and with details"; \
		$(RUN) -m pytest --last-failed --last-failed-no-failures none $(ARGS); exit 1; }

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/cython-lint ext

types: $(VENV)/dev
	$(BIN)/mypy

bench: $(VENV)/dev packages
	for each in kernels streaming instructions bearings sensors judgement engine lines replay recording skab uplink line gateway restart reload accounts isolation; do echo "--- $$each"; $(BIN)/python benchmarks/$$each.py || exit 1; done

campaign: $(VENV)/dev packages
	@$(BIN)/pip install --quiet --disable-pip-version-check '.[fuzz]' || echo "no atheris here: its campaigns will be skipped"
	$(RUN) -m pytest -m "campaign or hypothesis" --hypothesis-profile=campaign $(ARGS)

wheel: $(VENV)/dev
	$(BIN)/python -m build --outdir dist .

lock: $(VENV)/dev
	@$(BIN)/pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --upgrade pyproject.toml --extra ble --universal --python-version 3.11 --generate-hashes \
		--no-annotate --custom-compile-command "make lock" --output-file requirements.lock

audit: $(VENV)/dev
	@$(BIN)/pip install --quiet --disable-pip-version-check pip-audit || echo "no pip-audit here"
	$(BIN)/python .ci/audit.py

# Copies, not an editable install: what is tested is what a site gets. A change of any file installs anew.
$(VENV)/demo: $(VENV)/bin/pip $(SOURCES) $(shell find gatewayd plugins ext -name '*.py' -o -name '*.toml' -o -name '*.pyi')
	@echo "installing gatewayd into $(VENV) (the first time takes a minute) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check '.[demo]'
	@touch $@

$(VENV)/dev: $(VENV)/demo
	@$(BIN)/pip install --quiet --disable-pip-version-check '.[analyse,ble,demo,dev,testing]'
	@touch $@

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "gatewayd needs Python 3.11 or later; name one with: make PYTHON=python3.x ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "as root: apt-get install python3-venv python3-dev gcc"; exit 1; }

packages:
	@sh tests/packages.sh

clean:
	rm -rf $(VENV) build dist *.egg-info ext/*.so
