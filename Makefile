# AI-GO: every command installs what it needs and is quick when nothing has changed.

.DEFAULT_GOAL := help
.PHONY: help run test soak quality check bench venv dev node node-dev test-system translations

# The requirements' folder of programs; `make run PORT=8010` hands its variables on to the program.
BIN := .venv/bin
SETUP := deploy/setup
MAKEFLAGS += --no-print-directory
export PORT DATABASE_URL REDIS_URL BROKER_URL

# An empty variable must mean "not given": `make run PORT=` is `make run`.
$(foreach name,PORT DATABASE_URL REDIS_URL BROKER_URL,$(if $($(name)),,$(eval unexport $(name))))

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: venv node translations ## everything in one process on http://127.0.0.1:8000 (PORT= DATABASE_URL= REDIS_URL= BROKER_URL=)
	@exec $(BIN)/python manage.py run

test: dev node-dev test-system translations ## the whole suite on SQLite, PostgreSQL and TimescaleDB, with Redis and a browser
	@# Three workers on two cores: a third of the time goes by in waiting for what was killed, paused or polled.
	@exec $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

soak: dev node-dev test-system translations ## six POPs for ten minutes, killed and restarted: nothing lost, nothing doubled (MINUTES=)
	@exec $(BIN)/python -m testing.soak --minutes $(or $(MINUTES),10)

quality: dev node-dev test-system translations ## bytes, paint, interaction, 5,000 rows, 500 × 40 scores and Lighthouse, each against its budget (ONLY=)
	@exec $(BIN)/python -m testing.quality $(if $(ONLY),--only $(ONLY))

check: dev ## linters, types, import contracts, Django's own checks
	@exec deploy/setup/check.sh

bench: dev node ## probe engine, store and live push beside others, stories, about 30 minutes (QUICK=1, WRITE=1: into docs/benches.md, STORE_SCALE=)
	@$(SETUP)/venv.sh requirements-bench.txt
	@$(SETUP)/bench-system.sh
	@$(SETUP)/bench-peer.sh
	@$(BIN)/python -m benches $(if $(QUICK),--quick) $(if $(WRITE),--write)
	@$(BIN)/python -m benches store $(if $(QUICK),--quick) $(if $(WRITE),--write) $(if $(STORE_SCALE),--scale $(STORE_SCALE))
	@$(BIN)/python -m benches live $(if $(QUICK),--quick) $(if $(WRITE),--write)
	@exec $(BIN)/python -m benches.duplicates $(if $(WRITE),--write)

venv:
	@$(SETUP)/venv.sh requirements.txt

dev:
	@$(SETUP)/venv.sh requirements-dev.txt

node: venv
	@$(SETUP)/node.sh prod

node-dev: dev
	@$(SETUP)/node.sh dev

test-system: dev
	@$(SETUP)/test-system.sh

translations: venv
	@$(BIN)/python manage.py translations compile
