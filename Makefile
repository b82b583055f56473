# One command each; the first use of any sets everything up inside this folder.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON_VERSION := $(shell cat .python-version)
UV := $(shell command -v uv 2>/dev/null || echo .tools/uv/bin/uv)
STAMP := .venv/.synced
RUN := .venv/bin
REQUEST ?= samples/standard.json
KUBERNETES ?= emulated
KEYCLOAK ?= emulated
export UV_PROJECT_ENVIRONMENT := .venv

.PHONY: help setup demo test test-real test-clients test-trust coverage check format audit sbom bench scale emulator \
	real-servers clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

setup: $(STAMP) ## Prepare uv, Python and the packages in this folder

.tools/uv/bin/uv:
	@scripts/install-uv

$(STAMP): pyproject.toml uv.lock .python-version | $(filter .tools/%,$(UV))
	@scripts/sync "$(UV)" "$(PYTHON_VERSION)"
	@touch $@

demo: $(STAMP) ## One installation on the emulator; REQUEST=path.json, KUBERNETES=real, KEYCLOAK=real
	@$(RUN)/python -m emulator.demo $(REQUEST) --kubernetes $(KUBERNETES) --keycloak $(KEYCLOAK)

emulator: $(STAMP) ## Keep the emulator and the function app running
	@$(RUN)/python -m emulator

test: $(STAMP) ## The whole test suite that needs no extra server
	@$(RUN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal

real-servers: $(STAMP) ## Fetch or build Kubernetes, helm, Keycloak and Azurite; says which are ready
	@$(RUN)/python -m emulator.real prepare

# In the folders' order, whole installations first: they take longest, and a worker ends with what is short.
test-real: real-servers ## The contract tests and whole installations on the real servers
	@REAL_SERVERS=1 $(RUN)/python -m pytest -m real --numprocesses auto --maxprocesses 4 --dist loadfile \
		--no-loadscope-reorder --randomly-dont-reorganize

test-clients: $(STAMP) ## The real az and kubectl against the emulator
	@scripts/install-az
	@TEST_CLIENTS=1 $(RUN)/python -m pytest -m clients tests/clients --numprocesses auto --maxprocesses 4 --dist loadfile

# A file's tests share a world and write one section of docs/reliability.md: they stay together.
test-trust: $(STAMP) ## Bad days: lost workers and replies, faults, missing rights, hostile input
	@TEST_TRUST=1 $(RUN)/python -m pytest -m trust --numprocesses auto --maxprocesses 4 --dist loadfile

coverage: $(STAMP) ## The rules and the story are covered by their own tests, every branch
	@$(RUN)/python -m pytest -q tests/model tests/orchestrators tests/docs \
		--cov --cov-report=term:skip-covered --cov-fail-under=100

check: $(STAMP) ## Format, lint, types, import rules
	@$(RUN)/ruff format --check .
	@$(RUN)/ruff check .
	@$(RUN)/lint-imports
	@$(RUN)/pyright

format: $(STAMP) ## Format the code
	@$(RUN)/ruff format .
	@$(RUN)/ruff check --fix-only .

audit: $(STAMP) ## Security rules, and known vulnerabilities of all that uv.lock pins
	@scripts/audit "$(UV)" $(RUN)/python

sbom: $(STAMP) ## Writes sbom.cdx.json: what is deployed, CycloneDX 1.5
	@scripts/sbom "$(UV)"

scale: $(STAMP) ## Simulates many installations in one subscription; writes docs/scale.md
	@$(RUN)/python -m benchmarks.scale

bench: $(STAMP) ## Every figure of the benchmarks, as one table
	@$(RUN)/python -m benchmarks

clean: ## Remove what setup and the tests made
	rm -rf .venv .tools .cache .pytest_cache .ruff_cache .hypothesis
