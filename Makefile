# `make` lists the targets. Whatever target comes first sets up .venv on its way, which takes Python 3.11 or newer and
# a package index. Nothing else here uses the network, except `lock`.

PYTHON ?= python3
STACK =
TOPOLOGY = container
ARGS =

# The program is imported anew for each stack, so its bytecode is kept, also where the environment says not to.
unexport PYTHONDONTWRITEBYTECODE

UV_LOCK := tools/uv.txt
UV_VERSION := $(shell sed -n 's/^uv==\([0-9.]*\).*/\1/p' $(UV_LOCK))
OWN_UV := .tools/uv-$(UV_VERSION)
UV := $(or $(shell command -v uv 2>/dev/null),$(OWN_UV)/bin/uv)
NEEDS_UV := $(filter $(OWN_UV)/%,$(UV))
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate $(ARGS)

PY := .venv/bin/python
READY := .venv/ready

# The tests run an installed Pulumi CLI, else one built here, if there is Go to build it; else they skip and say so.
ENGINE := .tools/pulumi
ENGINE_VERSION := $(shell sed -n 's|.*github.com/pulumi/pulumi/pkg/v3 \(v[0-9.]*\).*|\1|p' tools/go.mod 2>/dev/null)
NEEDS_ENGINE := $(if $(shell command -v pulumi 2>/dev/null),,$(if $(shell command -v go 2>/dev/null),$(ENGINE)))
with-engine = $(if $(NEEDS_ENGINE),@$(MAKE) --no-print-directory --silent $(ENGINE) || echo "Going on without the engine." >&2)

# The tests run the service from the packages that the image has, laid out by the script that lays them out there.
IMAGE_PACKAGES := .tools/image/ready
NEEDS_IMAGE := $(IMAGE_PACKAGES)
with-image = $(if $(NEEDS_IMAGE),@$(MAKE) --no-print-directory --silent $(NEEDS_IMAGE) || echo "Going on without the image's packages." >&2)

# They run the genuine adapter, built from the newest version that crates.io has, if there is Rust to build it. The
# image has a later one.
ADAPTER_VERSION := 1.0.0-rc1
ADAPTER := .tools/lambda-adapter-$(ADAPTER_VERSION)/bin/lambda-adapter
NEEDS_ADAPTER := $(if $(shell command -v cargo 2>/dev/null),$(ADAPTER))
with-adapter = $(if $(NEEDS_ADAPTER),@$(MAKE) --no-print-directory --silent $(ADAPTER) || echo "Going on without the adapter." >&2)

LOAD_VERSION := 1.2.6
LOAD := .tools/bombardier-$(LOAD_VERSION)/bombardier

# The tests of least privilege ask an evaluator that is written for Node.js; without that they skip and say so.
EVALUATOR := .tools/iam/ready
NEEDS_EVALUATOR := $(if $(shell command -v npm 2>/dev/null),$(EVALUATOR))
with-evaluator = $(if $(NEEDS_EVALUATOR),@$(MAKE) --no-print-directory --silent $(EVALUATOR) || echo "Going on without the evaluator." >&2)

# They look at pages in an installed Chromium, else in Debian's, if this is root there; else they skip and say so.
CHROMIUM := $(and $(shell command -v chromium 2>/dev/null),$(shell command -v chromedriver 2>/dev/null))
NEEDS_CHROMIUM := $(if $(CHROMIUM),,$(and $(filter 0,$(shell id -u)),$(shell command -v apt-get 2>/dev/null)))
with-chromium = $(if $(NEEDS_CHROMIUM),@$(MAKE) --no-print-directory --silent chromium || echo "Going on without Chromium." >&2)

# A process per core, each file in one of them, in the order of tests/conftest.py.
IN_PARALLEL := -n auto --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help dev preview bootstrap cost breakeven report test test-all test-engine-all engine adapter chromium check bench bench-app smoke prices sbom docs lock clean

help: ## what there is to make
	@sed -n 's/^\([a-z-]*\):.*## /make \1@/p' $(MAKEFILE_LIST) | \
	while IFS=@ read -r target text; do printf '%-22s%s\n' "$$target" "$$text"; done

dev: $(READY) $(if $(filter serverless,$(TOPOLOGY)),$(ADAPTER)) ## the service and the site on this machine; TOPOLOGY=serverless: through the adapter
	@$(PY) -m dev $(STACK) --adapter $(ADAPTER) --topology $(TOPOLOGY) $(ARGS)

preview: $(READY) ## the plan of every stack, or of one: make preview STACK=dev ARGS="--set topology=container"
	@$(PY) -m preflight preview $(STACK) $(ARGS)

bootstrap: $(READY) ## the plan of what an AWS account needs once: make bootstrap ARGS="--set zone=example.com"
	@cd bootstrap && PYTHONPATH=.. ../$(PY) -m preflight preview $(STACK) $(ARGS)

cost: $(READY) ## what every stack costs a month, or one, line by line: make cost STACK=prod ARGS="--requests 5M --advice"
	@$(PY) -m preflight cost $(STACK) $(ARGS)

breakeven: $(READY) ## from how many requests on the other topology costs less: make breakeven STACK=dev ARGS="--plot out"
	@$(PY) -m preflight breakeven $(STACK) $(ARGS)

report: $(READY) ## everything about a stack, or about all, as one page in out/: make report STACK=dev ARGS="--base HEAD~1"
	@$(PY) -m preflight report $(STACK) --out out $(ARGS)

test: $(READY) ## the test suite; ARGS go to pytest; with REQUIRE_ALL=1 in the environment a skip is a failure
	$(with-engine)
	$(with-image)
	$(with-adapter)
	$(with-evaluator)
	$(with-chromium)
	@$(PY) -m pytest $(IN_PARALLEL) -rs $(ARGS)

test-all: $(READY) ## every case there is, for most of an hour: make test-all ARGS=tests/policies takes minutes
	$(with-engine)
	$(with-evaluator)
	$(with-chromium)
	@$(PY) -m pytest -m "" $(IN_PARALLEL) -rs $(ARGS)

test-engine-all: $(READY) ## every case on Pulumi's engine, for 40 minutes; ARGS go to pytest
	$(with-engine)
	@$(PY) -m pytest tests/engine -m "" -n auto --dist loadgroup -rs $(ARGS)

engine: $(ENGINE) ## build the Pulumi CLI into .tools, for the tests, where none is installed; takes Go and minutes

adapter: $(ADAPTER) ## build the Lambda Web Adapter into .tools, for tests and make dev; takes Rust and minutes

chromium: ## install Debian's Chromium and its driver, for the tests; takes root
	@command -v apt-get >/dev/null || { echo "make chromium needs Debian's apt-get; install chromium and chromedriver" \
		"your own way, onto the PATH." >&2; exit 1; }
	@echo "Installing Chromium; this happens once and takes a minute ..." >&2
	@export DEBIAN_FRONTEND=noninteractive; apt-get update -qq >/dev/null && \
	apt-get install -qq --no-install-recommends chromium chromium-driver >/dev/null

check: $(READY) ## format, lint, types, the Dockerfile, compose.yaml, and whether what is installed fits together
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m ty check
	.venv/bin/hadolint app/Dockerfile
	.venv/bin/check-jsonschema --builtin-schema vendor.compose-spec app/compose.yaml
	$(PY) -m pip check

bench: $(READY) ## how long previews take, beside the imports they can't do without: make bench ARGS="--runs 9"
	@$(PY) -m bench $(ARGS)

bench-app: $(READY) $(IMAGE_PACKAGES) $(ADAPTER) $(LOAD) ## the sample service, directly and through the adapter; takes Rust, Go and minutes
	@$(PY) -m bench.runtimes --adapter $(ADAPTER) --load $(LOAD) $(ARGS)

smoke: $(READY) ## ask both halves of a deployed stack the same and compare them: make smoke STACK=prod
	@$(PY) -m smoke $(STACK) $(ARGS)

prices: $(READY) ## ask AWS for preflight/prices.yaml anew, or for a region: make prices ARGS="--region eu-central-1"
	@$(PY) -m preflight.refresh $(ARGS)

SBOM := out/sbom.json
APP_SBOM := out/sbom-app.json
sbom: $(READY) ## list the packages of the program, and those of the image, with their hashes, as CycloneDX in out/
	@mkdir -p $(dir $(SBOM)) $(dir $(APP_SBOM))
	@.venv/bin/cyclonedx-py requirements requirements.txt --pyproject pyproject.toml --output-reproducible -o $(SBOM)
	@.venv/bin/cyclonedx-py requirements app/requirements.txt --output-reproducible -o $(APP_SBOM)

docs: $(READY) ## write the schema, the README's table of settings, the drawing and the controls anew
	@$(PY) docs/generate.py

lock: | $(NEEDS_UV) ## write the requirements files from pyproject.toml; ARGS=--upgrade takes newer versions
	$(COMPILE) pyproject.toml -o requirements.txt
	$(COMPILE) --constraint requirements.txt --group app -o app/requirements.txt
	$(COMPILE) --constraint requirements.txt --constraint app/requirements.txt --group app --group dev pyproject.toml \
	-o requirements-dev.txt
	$(COMPILE) --group uv -o $(UV_LOCK)

clean: ## remove all that make, the tests and the tools have put here
	rm -rf .venv .tools .pytest_cache .ruff_cache .hypothesis out
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
define check-python
@$(PYTHON) $(NEW_ENOUGH) || { \
	echo "switchyard needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) --version 2>/dev/null || echo missing)." \
	"Name another: make $(MAKECMDGOALS) PYTHON=python3.13" >&2; exit 1; }
endef

# Bytecode is compiled here, or the first preview would spend longer on it than on everything else.
$(READY): requirements-dev.txt | $(NEEDS_UV)
	$(check-python)
	@echo "Setting up .venv with $$($(PYTHON) --version); this happens once ..." >&2
	@start=$$(date +%s); \
	{ $(PY) $(NEW_ENOUGH) || { rm -rf .venv && $(UV) venv --quiet --python $(PYTHON) .venv; }; } && \
	$(UV) pip sync --quiet --require-hashes --compile-bytecode --python $(PY) requirements-dev.txt && \
	touch $@ && echo "Set up in $$(($$(date +%s) - start)) s." >&2

$(OWN_UV)/bin/uv:
	$(check-python)
	@echo "Installing uv $(UV_VERSION) into .tools ..." >&2
	@{ $(PYTHON) -m venv $(OWN_UV) >/dev/null && \
	$(OWN_UV)/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement $(UV_LOCK); } || { \
	rm -rf $(OWN_UV); echo "uv could not be installed. If it is venv that is missing: apt install python3-venv" \
	"(Debian, Ubuntu). Otherwise put uv on the PATH: https://docs.astral.sh/uv/" >&2; exit 1; }

$(ENGINE): tools/go.mod tools/go.sum
	@command -v go >/dev/null || { echo "make engine needs Go, https://go.dev/dl/; or install Pulumi:" \
	"https://www.pulumi.com/docs/install/" >&2; exit 1; }
	@echo "Building Pulumi $(ENGINE_VERSION) into .tools; this happens once and takes some minutes ..." >&2
	@start=$$(date +%s); mkdir -p .tools && cd tools && GOFLAGS=-mod=readonly go build -tags osusergo,grpcnotrace \
	-ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$(ENGINE_VERSION)" \
	-o ../$(ENGINE) github.com/pulumi/pulumi/pkg/v3/cmd/pulumi && touch ../$(ENGINE) && \
	echo "Built in $$(($$(date +%s) - start)) s." >&2

$(IMAGE_PACKAGES): app/requirements.txt app/build/packages app/build/bytecode.py | $(READY)
	@echo "Laying out the image's packages in .tools; this happens once ..." >&2
	@rm -rf $(@D) && PYTHON=$(CURDIR)/$(PY) app/build/packages $(@D) && touch $@

$(LOAD):
	@command -v go >/dev/null || { echo "make bench-app needs Go: https://go.dev/dl/" >&2; exit 1; }
	@GOBIN=$(CURDIR)/$(@D) go install github.com/codesenberg/bombardier@v$(LOAD_VERSION)

# The release profile would have it linked as one, for a third of a megabyte less and half as long again.
$(ADAPTER):
	@command -v cargo >/dev/null || { echo "make adapter needs Rust: https://rustup.rs/" >&2; exit 1; }
	@echo "Building the Lambda Web Adapter $(ADAPTER_VERSION) into .tools; this happens once and takes some minutes ..." >&2
	@start=$$(date +%s); CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
	cargo install --quiet --locked lambda_web_adapter --version $(ADAPTER_VERSION) --no-track \
	--root $(CURDIR)/.tools/lambda-adapter-$(ADAPTER_VERSION) && \
	echo "Built in $$(($$(date +%s) - start)) s." >&2

$(EVALUATOR): tools/iam/package.json tools/iam/package-lock.json tools/iam/simulate.mjs
	@echo "Installing the evaluator of IAM policies into .tools; this happens once ..." >&2
	@mkdir -p .tools/iam && cp tools/iam/.npmrc $^ .tools/iam/ && \
	cd .tools/iam && npm ci --silent --no-audit --no-fund && touch ready
