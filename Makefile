# Everything here sets up what it needs: system packages (root, only if missing), .venv, root file systems.

PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready
TESTS ?= tests
MINUTES ?= 10

.DEFAULT_GOAL := help
.PHONY: help demo test verify-language fuzz bench lint tools clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY) tools ## Watch a container go from a configuration to a web server, and back
	@$(VENV)/bin/python -m demo

test: $(READY) tools ## Run every test; TESTS=tests/store runs a part
	$(VENV)/bin/pytest --quiet --numprocesses=3 --dist=worksteal $(TESTS)

verify-language: $(READY) tools ## Ask Nix 2.26 and 2.34 about every program in the corpora of the language
	CI=true $(VENV)/bin/pytest --quiet --every-nix \
	    tests/language/test_cases.py tests/language/test_parser_oracle.py tests/evaluation/test_cases.py

fuzz: $(READY) tools ## Look for programs that Nix 2.34 makes something else of, MINUTES=10 long
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --editable '.[fuzz]' || true
	@$(VENV)/bin/python -m tests.language.fuzzing --minutes $(MINUTES)

bench: $(READY) tools ## Measure, and print a table
	@$(VENV)/bin/python -m benchmarks
	@$(VENV)/bin/python -m benchmarks.evaluator
	@$(VENV)/bin/python -m benchmarks.activation

lint: $(READY) ## Check style, types and import directions
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

tools: ## Install the system packages that containers need
	@scripts/install-tools

clean: ## Remove .venv and the cached root file systems
	rm -rf $(VENV) "$${SYSTEM_MANAGER_TEST_CACHE:-$${XDG_CACHE_HOME:-$$HOME/.cache}/system-manager/tests}"

# The stamp is newer than pyproject.toml when the environment has what it asks for.
$(READY): pyproject.toml $(wildcard bin/*) | scripts/check-python
	@scripts/check-python $(PYTHON)
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@# A checkout that is not allowed to write bytecode later would compile everything at every start.
	@$(VENV)/bin/python -m compileall -q src
	@touch $@
