# One command each; the first use of any sets everything up inside this folder.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON_VERSION := $(shell cat .python-version)
UV := $(shell command -v uv 2>/dev/null || echo .tools/uv/bin/uv)
STAMP := .venv/.synced
RUN := .venv/bin
REQUEST ?= samples/standard.json
export UV_PROJECT_ENVIRONMENT := .venv

.PHONY: help setup demo test check format bench emulator clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

setup: $(STAMP) ## Prepare uv, Python and the packages in this folder

.tools/uv/bin/uv:
	@scripts/install-uv

$(STAMP): pyproject.toml uv.lock .python-version | $(filter .tools/%,$(UV))
	@scripts/sync "$(UV)" "$(PYTHON_VERSION)"
	@touch $@

demo: $(STAMP) ## Install Dash Enterprise once, on the emulator; REQUEST=path.json for another request
	@$(RUN)/python -m emulator.demo $(REQUEST)

emulator: $(STAMP) ## Keep the emulator and the function app running
	@$(RUN)/python -m emulator

test: $(STAMP) ## The whole test suite that needs no extra server
	@$(RUN)/python -m pytest

check: $(STAMP) ## Format, lint, types, import rules
	@$(RUN)/ruff format --check .
	@$(RUN)/ruff check .
	@$(RUN)/lint-imports
	@$(RUN)/pyright

format: $(STAMP) ## Format the code
	@$(RUN)/ruff format .
	@$(RUN)/ruff check --fix-only .

bench: $(STAMP) ## Every figure of the benchmarks, as one table
	@$(RUN)/python -m benchmarks

clean: ## Remove what setup and the tests made
	rm -rf .venv .tools .cache .pytest_cache .ruff_cache .hypothesis
