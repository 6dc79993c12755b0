# Everything that a person does with this project. `make help` lists it.

PORT ?=
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
UV_VERSION := 0.13.9
JOBS ?= auto

# pytest rewrites the assertions of hundreds of modules: what it made is kept.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test sure bench client lint types shape templates audit lock format clean

help: ## What there is to do
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: .venv/run ## Start the whole product (make run PORT=8137)
	@exec $(BIN)/onestop serve $(if $(PORT),--port $(PORT))

test: .venv/dev ## Every test, in parallel, on a real database and in a real browser
	@$(BIN)/python scripts/chromium.py --ensure
	$(BIN)/pytest -n $(JOBS) --dist worksteal $(ARGS)

sure: .venv/dev lint types shape templates audit ## Everything: format, lint, contracts, types, templates, tests
	@ONESTOP_LOOKS=all $(MAKE) --no-print-directory test

bench: .venv/dev ## Measure against an empty endpoint and the bare database in the same run
	$(BIN)/python -m bench $(ARGS)

client: .venv/run .venv/client/ready ## Make the Python client of the API and its wheel, in dist/
	@PYTHONPATH=. $(BIN)/python scripts/client.py dist/onestop-client --wheel dist

lint: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: .venv/dev
	$(BIN)/mypy

shape: .venv/dev
	$(BIN)/lint-imports
	$(BIN)/deptry app

templates: .venv/dev
	$(BIN)/djlint app --check --quiet --lint

audit: .venv/dev
	$(BIN)/python scripts/audit.py

format: .venv/dev ## Put code and templates into the one format
	$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet . ; $(BIN)/djlint app --reformat --quiet

lock: .venv/uv ## Resolve the dependencies anew
	for group in "" "-dev"; do $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-header \
		--no-annotate --generate-hashes --extra channels $${group:+--group dev} pyproject.toml -o requirements$$group.lock; done
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-header --no-annotate \
		--generate-hashes clients/requirements.in -o clients/requirements.lock

clean: ## Remove what was made here, the data of `make run` aside
	rm -rf .venv dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/uv:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and was not found."; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "On Debian: apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

.venv/run: .venv/uv requirements.lock pyproject.toml
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@$(BIN)/python -m compileall -q app
	@touch $@

.venv/dev: .venv/run .venv/client/ready requirements-dev.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@touch $@

# Apart, since the generator wants an older typer than ours.
.venv/client/ready: .venv/uv clients/requirements.lock
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv/client
	@$(BIN)/uv pip install --quiet --python .venv/client/bin/python --require-hashes -r clients/requirements.lock
	@touch $@
