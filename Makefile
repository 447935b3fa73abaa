# make run: install, build the default edition when there is none, serve the app.   make test: install, lint, type-check, test.
# Needs Python 3.11 or later. PYTHON names the interpreter, PIP_FLAGS passes options to pip (a CPU-only index for torch, say).
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
PIP_FLAGS ?=
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock $(PIP_FLAGS)

.PHONY: run test lock clean

run: .venv/.run
	@$(BIN)/python -m ingest build --if-missing
	@$(BIN)/python -m streamlit run app.py

test: .venv/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "error: no Python 3.11 or later found; install one, or name it: make run PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Creating .venv with $(PYTHON)"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo "error: $(PYTHON) cannot make .venv; on Debian and Ubuntu install its package first: apt install python3-venv" >&2; exit 1; }

.venv/.run: requirements.txt requirements.lock | .venv/bin/python
	@echo "Installing requirements (2.3 GB with a CPU-only torch; some minutes)"
	@$(PIP) --requirement requirements.txt
	@touch $@

.venv/.test: requirements-dev.txt requirements.txt requirements.lock | .venv/bin/python
	@echo "Installing requirements for development"
	@$(PIP) --requirement requirements-dev.txt
	@touch $@ .venv/.run

# After changing a pin: writes every indirect version that the environment resolved to.
lock: .venv/.test
	@{ echo "# Every package of the environment, as resolved for the pins in requirements.txt and requirements-dev.txt; made by 'make lock'."; \
	$(BIN)/python -m pip freeze --exclude pip --exclude setuptools | sed 's/ @ .*//; s/+cpu$$//'; } > requirements.lock

# Leaves var/, which holds the official files that were loaded.
clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
