# Set-up, tests, demo. Needs Python 3.11 with its venv module, make and git; nothing else.
PYTHON ?= $(shell command -v python3.11 || echo python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
# What is installed is written as a stamp named after the lock's content: nothing to do while that stays the same.
digest = $(shell sha256sum $(1) | cut -c1-16)
INSTALLED := $(VENV)/installed-$(call digest,requirements.txt)
INSTALLED_DEV := $(VENV)/installed-dev-$(call digest,requirements-dev.txt)

.PHONY: help setup test demo bench bench-memory fuzz lint lock messages
.DEFAULT_GOAL := help

help:
	@echo "make setup   install everything under .venv, make and migrate the database under var/"
	@echo "make demo    a whole month of a network of 300 relays, then the site (SERVE=0: without)"
	@echo "make test    the whole test suite"
	@echo "make bench   what one invoice costs; make bench-memory: a worker's memory over 5,000 of them"
	@echo "make fuzz    rating held against a slow second calculation, on thousands of networks; verification against 10,000 mutated files"
	@echo "make messages compile the French"
	@echo "make lint    ruff, mypy, import-linter, missing migrations"
	@echo "make lock    write requirements*.txt anew from pyproject.toml"

setup: $(INSTALLED)
	@$(BIN)/python manage.py migrate --no-input --verbosity 0
	@echo "Ready: .venv is installed, the database is migrated."

test: $(INSTALLED_DEV)
	@$(BIN)/python -m pytest -n auto --dist loadgroup

# The networks of tests/invoices/test_networks.py, many more of them, drawn anew each time; and mutated files, likewise.
fuzz: $(INSTALLED_DEV)
	@FUZZ_EXAMPLES=2000 $(BIN)/python -m pytest tests/invoices/test_networks.py
	@FUZZ_FILES=10000 FUZZ_SEED=$${FUZZ_SEED:-$$(date +%s)} $(BIN)/python -m pytest tests/invoices/test_verification_doors_mutated.py

demo: $(INSTALLED)
	@exec $(BIN)/python manage.py demo $(if $(filter 0 no,$(SERVE)),--no-serve)

# Beside other sealers: PDFBox is built on first use where a JDK and Maven are, and named as absent elsewhere.
bench: $(INSTALLED_DEV)
	@$(BIN)/python -m invoices.bench

bench-memory: $(INSTALLED)
	@$(BIN)/python -m invoices.bench.memory

# In an installation of its own: a check leaves var/ alone.
lint: $(INSTALLED_DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	DATA_DIR=build/lint $(BIN)/python manage.py makemigrations --check --dry-run

# Compile the French: each django.po becomes the django.mo beside it.
messages: $(INSTALLED_DEV)
	@$(BIN)/python -c "import pathlib, polib; [polib.pofile(str(p)).save_as_mofile(str(p.with_suffix('.mo'))) for a in ('selfbilling', 'relays', 'invoices') for p in pathlib.Path(a).rglob('django.po')]"

lock: $(INSTALLED_DEV)
	$(BIN)/uv pip compile --generate-hashes --python-version 3.11 --no-emit-index-url pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --generate-hashes --python-version 3.11 --no-emit-index-url --group dev -c requirements.txt pyproject.toml -o requirements-dev.txt

# pip is the last thing that venv makes: where it is, the environment is whole.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1). Name another: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "Python's venv module is missing: on Debian, apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)

$(INSTALLED): | $(BIN)/pip
	@echo "Installing the requirements (a minute or two the first time)"
	@$(PIP) -r requirements.txt
	@rm -f $(VENV)/installed-*[0-9a-f] && touch $@

$(INSTALLED_DEV): $(INSTALLED)
	@echo "Installing what the tests need"
	@$(PIP) -r requirements-dev.txt
	@touch $@
