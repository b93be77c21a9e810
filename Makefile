# What one does with this checkout. Works with GNU make 3.81 and later; `make` alone lists the targets.

VENV := .venv
BIN := $(VENV)/bin
THROWAWAY = "$(PYTHON)" tests/live/throwaway

# The first interpreter that is 3.11 or later and can make a virtual environment. Tried, not believed: version managers
# put commands on the PATH that only say that they are not there.
SUITABLE := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
ifndef PYTHON
PYTHON := $(shell for python in python3.12 python3.11 python3.13 python3; do \
	if "$$python" -c '$(SUITABLE)' >/dev/null 2>&1; then command -v "$$python"; break; fi; done)
endif

# Quiet but for errors.
PIP_INSTALL = "$(BIN)/python" -m pip install -qq --disable-pip-version-check --no-input

.NOTPARALLEL:
.PHONY: help demo demo-plan venv test throwaway check format bench fuzz corpus rest-models twins quick docs up down clean python

help: ## List the targets.
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1|/p' Makefile | awk -F'|' '{ printf "make %-12s %s\n", $$1, $$2 }'

demo: demo-plan $(VENV)/generator.stamp ## Run two workflows on a real InvokeAI: a throwaway one, or INVOKEAI_URL=http://...
	@echo
	@echo "==> Generating the classes: $(BIN)/flowbind generate"
	@"$(BIN)/flowbind" generate
ifeq ($(strip $(INVOKEAI_URL)),)
	@echo
	@echo "==> Starting a throwaway InvokeAI on the CPU"
	@FLOWBIND="$(BIN)/flowbind" $(THROWAWAY) run -- sh tests/demo/demo.sh throwaway
else
	@FLOWBIND="$(BIN)/flowbind" INVOKEAI_URL="$(strip $(INVOKEAI_URL))" sh tests/demo/demo.sh running
endif

# First of all: nothing is downloaded before this is on the screen.
demo-plan:
	@sh tests/demo/plan.sh "$(strip $(INVOKEAI_URL))"

venv: $(VENV)/dev.stamp ## Make .venv with everything for development.

$(VENV)/generator.stamp: pyproject.toml | python
	@echo "==> Installing flowbind into $(VENV)"
	@"$(PYTHON)" -m venv "$(VENV)"
	@$(PIP_INSTALL) --editable '.[generator]'
	@touch "$@"

$(VENV)/dev.stamp: pyproject.toml | python
	@echo "==> Installing flowbind and its development tools into $(VENV)"
	@"$(PYTHON)" -m venv "$(VENV)"
	@$(PIP_INSTALL) --editable '.[dev]'
	@touch "$(VENV)/generator.stamp" "$@"

python:
	@if ! "$(PYTHON)" -c '$(SUITABLE)' >/dev/null 2>&1; then \
		echo "flowbind needs Python 3.11 or later with its venv module." >&2; \
		if [ -n "$(PYTHON)" ]; then echo "PYTHON=$(PYTHON) is not that." >&2; \
		else echo "None of python3.12, python3.11, python3.13, python3 on the PATH is that." >&2; fi; \
		echo "Install one, or name it: make ... PYTHON=/path/to/python3.12" >&2; exit 1; fi

test: venv throwaway check ## Run all checks and all tests, those on a real InvokeAI too; COVERAGE=1 counts branches.
ifndef COVERAGE
	"$(BIN)/python" -m pytest -n 2 --no-loadscope-reorder
else
	@rm -f .coverage .coverage.*
	"$(BIN)/coverage" run -m pytest -n 2 --no-loadscope-reorder
	@"$(BIN)/coverage" combine --quiet
	@"$(BIN)/coverage" json --quiet -o .coverage.json
	"$(BIN)/python" tests/maintain/branches.py .coverage.json
endif

# Here, because an install takes longer than the time-out of a test.
throwaway: | python
ifeq ($(strip $(INVOKEAI_URL)),)
	@$(THROWAWAY) install >/dev/null
endif

check: venv ## Lint, check formatting, types and that generated/ is fresh.
	"$(BIN)/ruff" check
	"$(BIN)/ruff" format --check
	"$(BIN)/mypy" generator runtime generated tests/live/throwaway
	@# --project, because pyright prefers a pyrightconfig.json in a folder above to our pyproject.toml.
	"$(BIN)/pyright" --project . --pythonpath "$(BIN)/python"
	"$(BIN)/flowbind" check
	cd workflows/quick && "../../$(BIN)/flowbind" check

format: venv ## Format the code, and mend what the linter can mend.
	"$(BIN)/ruff" check --fix
	"$(BIN)/ruff" format

bench: venv ## Measure flowbind beside its peers; writes docs/performance.md and README.md.
	@"$(BIN)/python" -m tests.bench

fuzz: venv ## Feed it hostile files, texts and answers at length: at least 10,000 cases of each kind.
	@"$(BIN)/python" -m tests.fuzz

corpus: venv ## Measure how far flowbind goes on real files; on a throwaway InvokeAI, or INVOKEAI_URL=http://...
	@"$(BIN)/python" -m tests.fidelity.shared
ifeq ($(strip $(INVOKEAI_URL)),)
	@$(THROWAWAY) run -- "$(BIN)/python" -m tests.fidelity.report
else
	@INVOKEAI_URL="$(strip $(INVOKEAI_URL))" "$(BIN)/python" -m tests.fidelity.report
endif

rest-models: venv ## Write the runtime's REST models again from the OpenAPI snapshot.
	"$(BIN)/python" tests/maintain/rest_models.py

twins: venv ## Write the sync client's handles again from their async twins.
	"$(BIN)/python" tests/maintain/twins.py

quick: venv ## Generate the classes behind server.quick again from the exports in workflows/quick.
	cd workflows/quick && "../../$(BIN)/flowbind" generate

docs: venv ## Write the page of rules again from their docstrings.
	"$(BIN)/python" tests/maintain/rules_page.py

up: | python ## Start a throwaway InvokeAI that goes on running; prints its address.
	@$(THROWAWAY) up

down: | python ## Stop it.
	@$(THROWAWAY) down

clean: ## Delete .venv and the caches of this checkout; outputs/ and the throwaway install stay.
	rm -rf "$(VENV)" .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	find . -path ./.git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
