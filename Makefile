# `make help` lists what there is. Everything works from a clean clone; BATIYOUN_* variables are passed through.
PYTHON ?= python3
BIN    := .venv/bin
CLIENT := $(PYTHON) -m scripts.client
PYTEST := $(CLIENT) exec $(BIN)/pytest
# workers of `make test`: the tests wait for servers more than they compute; JOBS=0 runs one after the other
JOBS   ?= 3

.DEFAULT_GOAL := help
.PHONY: help run client test check soak bench screenshots format lock contracts clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

run: ## install, build the client, start the server and print its address
	@$(PYTHON) -m scripts.prepare run
	@exec $(BIN)/batiyoun serve

client: ## build the client beside the sources
	$(CLIENT) build

test: ## every test, a real browser among them
	@$(PYTHON) -m scripts.prepare dev
	@$(CLIENT) install
	@$(PYTHON) -m scripts.browser >/dev/null
	@$(PYTHON) -m scripts.firefox >/dev/null
	@$(PYTHON) -m scripts.nginx >/dev/null
	@$(PYTHON) -m scripts.servers
	$(CLIENT) npm run --silent test
	$(CLIENT) exec $(BIN)/python -m scripts.suite -m "not soak" -n $(JOBS) --dist loadfile --no-loadscope-reorder --durations 25

check: ## formatting, lint, types, import rules, generated files
	@$(PYTHON) -m scripts.environment dev
	@$(CLIENT) install
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(CLIENT) npm run --silent typecheck
	$(CLIENT) npm run --silent lint
	$(PYTEST) -q tests/test_architecture.py tests/test_client_architecture.py tests/test_generated.py tests/test_locks.py tests/test_repository.py

soak: ## the tests that take over 30 s
	@$(PYTHON) -m scripts.prepare dev
	@$(CLIENT) install
	@$(PYTHON) -m scripts.browser >/dev/null
	@$(PYTHON) -m scripts.firefox >/dev/null
	@$(PYTHON) -m scripts.servers
	$(PYTEST) -m soak --timeout 3600

bench: ## a short run of the benchmarks, peers beside us
	@$(PYTHON) -m scripts.prepare dev
	$(CLIENT) exec $(BIN)/python -m benchmarks.report

screenshots: ## every screen, desktop and phone, light and dark, into artifacts/screenshots
	@$(PYTHON) -m scripts.prepare dev
	@$(PYTHON) -m scripts.browser >/dev/null
	$(BIN)/python -m tests.e2e.screenshots

format: ## write the formatting that `make check` asks for
	@$(PYTHON) -m scripts.environment dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: ## write the lock files anew (UPGRADE=1: newest versions allowed)
	@$(PYTHON) -m scripts.environment dev
	$(PYTHON) -m scripts.lock $(if $(UPGRADE),--upgrade)

contracts: ## generate what is generated: the client's types and validators, the references of settings and words
	@$(PYTHON) -m scripts.environment dev
	@$(CLIENT) install
	$(CLIENT) npm run --silent contracts
	$(BIN)/batiyoun config --docs > docs/reference/settings.md
	$(BIN)/python -m scripts.security_words > docs/reference/security-words.md

clean: ## remove everything that was installed or built; data/ stays
	rm -rf .venv .tools client/node_modules client/dist batiyoun/static dist build artifacts
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis
