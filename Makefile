# Headrace. Every target sets up what it needs; `make` alone lists them.
STACK ?= local
PYTHON ?= python3
ARGS ?=

BIN := .venv/bin
RUN := .venv/.run-installed
DEV := .venv/.dev-installed
PACKAGES := .cache/packages/.built
HEADRACE := $(BIN)/python -m headrace
PYTEST := $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

export STACK
export SQL
export DBT_SEND_ANONYMOUS_USAGE_STATS := false

# `make up STACK=dev` and the like go to AWS by Pulumi's own command; some targets only know the embedded cloud.
NEEDS_PULUMI = command -v pulumi >/dev/null || { \
	echo "error: stack $(STACK) is deployed by the Pulumi CLI, which is not installed. See https://www.pulumi.com/docs/install/." >&2; exit 1; }
EMBEDDED_ONLY = [ $(STACK) = local ] || { \
	echo "error: make $@ looks into the embedded cloud, and stack $(STACK) is on AWS. Look at its console, or leave STACK out." >&2; exit 1; }

.DEFAULT_GOAL := help
.PHONY: help setup demo up preview pump transform replay forget report ledger applications trace query events recover docs freshness status logs history env destroy test test-slow lint bench lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

# --- what a user does
demo: $(RUN) $(PACKAGES) ## the whole way once: deploy, send 5,000 events, transform, report, what was done about them
	@$(EMBEDDED_ONLY)
	@$(HEADRACE) demo $(ARGS)

up: $(RUN) $(PACKAGES) ## deploy (STACK=dev: to AWS + Snowflake, with `pulumi up`)
ifeq ($(STACK),local)
	@$(BIN)/python -m embedded up $(ARGS)
else
	@$(NEEDS_PULUMI)
	@pulumi up --stack $(STACK) $(ARGS)
	@mkdir -p .headrace/$(STACK) && pulumi stack output --stack $(STACK) --json > .headrace/$(STACK)/outputs.json
endif

preview: $(RUN) $(PACKAGES) ## what `make up` would change
ifeq ($(STACK),local)
	@$(BIN)/python -m embedded preview $(ARGS)
else
	@$(NEEDS_PULUMI)
	@pulumi preview --stack $(STACK) $(ARGS)
endif

pump: $(RUN) ## send events (ARGS="--as segment", "--as snowplow", "--n-events 100000 --replay --speedup 60", or --help)
	@$(BIN)/python -m pumper $(ARGS)

transform: $(RUN) ## raw logs to sessions and statistics, with dbt (TARGET=snowflake for the real warehouse)
	@$(HEADRACE) transform $(if $(TARGET),--target $(TARGET)) $(ARGS)

report: $(RUN) ## does every hop agree, and what happened: here and on a page with charts (ARGS=--open)
	@$(HEADRACE) report $(ARGS)

ledger: $(RUN) ## is any event missing, hour by hour and hop by hop; exit code 1 if so (SINCE=2026-01-31T18:00, UTC)
	@$(HEADRACE) ledger $(if $(SINCE),--since "$(SINCE)") $(ARGS)

applications: $(RUN) ## what the real-time applications did: offers, promotions, recommendations, live counts
	@$(HEADRACE) applications $(ARGS)

trace: $(RUN) ## an effect and the events that caused it (ID=an offer, its code, an event, or a customer)
	@$(HEADRACE) trace "$(ID)" $(ARGS)

replay: $(RUN) ## RAW anew from S3 for a period, then the tables (FROM=2026-01-01 TO=2026-02-01, UTC)
	@$(HEADRACE) replay --from "$(FROM)" $(if $(TO),--to "$(TO)") $(ARGS)

# An id is a stranger's text: neither make nor the shell may read it. USER is also the shell's name for who is logged in.
forget: export FORGET_USER = $(if $(filter command line,$(origin USER)),$(value USER))
forget: export FORGET_CLIENT = $(value CLIENT)
forget: $(RUN) ## remove a person everywhere, and prove it (USER=their id, or CLIENT=; ARGS=--dry-run)
	@$(HEADRACE) forget $(ARGS)

query: $(RUN) ## ask the warehouse (SQL="select …"; without it: lists the tables)
	@$(HEADRACE) query $(if $(TARGET),--target $(TARGET)) $(ARGS)

events: $(RUN) ## good and bad rows as they come (ARGS="--bad", "--page" for the browser, --help for filters)
	@$(HEADRACE) events $(ARGS)

recover: $(RUN) ## bad rows mended and sent again, each once (ARGS="--with mend.py", then with --send)
	@$(HEADRACE) recover $(ARGS)

docs: $(RUN) ## every table and column on one page
	@$(HEADRACE) docs $(if $(TARGET),--target $(TARGET)) $(ARGS)

freshness: $(RUN) ## how old the newest event in RAW is; exit code 1 if too old
	@$(HEADRACE) freshness $(if $(TARGET),--target $(TARGET)) $(ARGS)

status: $(RUN) ## the embedded cloud: processes, deliveries, loads
	@$(EMBEDDED_ONLY)
	@$(BIN)/python -m embedded status $(ARGS)

logs: $(RUN) ## what functions and processes logged (ARGS="--follow collect")
	@$(EMBEDDED_ONLY)
	@$(BIN)/python -m embedded logs $(ARGS)

history: $(RUN) ## what the pipe loaded, object by object
	@$(EMBEDDED_ONLY)
	@$(BIN)/python -m embedded history $(ARGS)

env: $(RUN) ## variables for the AWS command line: eval "$(make env)"
	@$(EMBEDDED_ONLY)
	@$(BIN)/python -m embedded env

destroy: $(RUN) ## take everything down again; nothing is left
ifeq ($(STACK),local)
	@$(BIN)/python -m embedded destroy $(ARGS)
else
	@$(NEEDS_PULUMI)
	@pulumi destroy --stack $(STACK) $(ARGS)
	@rm -rf .headrace/$(STACK)
endif

setup: $(RUN) $(PACKAGES) ## only what every target does first: install, build the functions' packages

# --- what a contributor does
test: $(DEV) $(PACKAGES) ## the tests, but for those that look at breadth
	@$(PYTEST) -m "not slow" $(ARGS)

test-slow: $(DEV) $(PACKAGES) ## the others: long histories, 50,000 events with faults, 200,000 fuzzed requests
	@$(PYTEST) -m slow $(ARGS)

lint: $(DEV) ## formatting, style, types, SQL
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/basedpyright
	@cd dbt && HEADRACE_RAW_LOGS=none HEADRACE_WAREHOUSE=:memory: ../$(BIN)/sqlfluff lint --disable-progress-bar models

bench: $(DEV) $(PACKAGES) ## every figure that the docs claim
	@for program in benchmarks/[a-z]*.py; do $(BIN)/python -m benchmarks.$$(basename $$program .py) || exit 1; done

lock: $(DEV) ## resolve the dependencies anew
	@cd requirements && \
	for set in uv dev; do ../$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url $$set.in -o $$set.txt || exit 1; done && \
	../$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url -c dev.txt headrace.in -o headrace.txt

clean: ## remove what set-up made; `make destroy` first
	@rm -rf .venv .cache .pytest_cache .ruff_cache .hypothesis dbt/target dbt/logs

# --- set-up
.venv/bin/uv: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: Headrace needs Python 3.11 or newer; give it as PYTHON=…" >&2; exit 1; }
	@echo "setting up .venv"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(RUN): requirements/headrace.txt | .venv/bin/uv
	@echo "installing what Headrace runs with"
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/headrace.txt
	@touch $@

$(DEV): requirements/dev.txt | .venv/bin/uv
	@echo "installing what Headrace is tested with"
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@ $(RUN)

$(PACKAGES): $(wildcard lambdas/*/requirements.txt) infrastructure/packaging.py | .venv/bin/uv
	@echo "building the functions' packages"
	@$(BIN)/python -m infrastructure.packaging
	@touch $@
