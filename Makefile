# Everything a developer runs. `make` lists it. Needs cargo, terraform >= 1.10 and python3 >= 3.9;
# whatever else is needed is installed below the target folder. Nothing outside of it is touched, but by `install`.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

export CARGO_TARGET_DIR ?= $(CURDIR)/target
export CHECKPOINT_DISABLE := 1
CARGO ?= cargo

# What policies/ shows: the controls of env/controls.json where it hangs them, and key policies for two accounts.
POLICIES := --config env/controls.json --out policies --account dev=222222222222 --account prod=333333333333

.PHONY: help demo test fmt lint rustdoc generated terraform unit moto prerequisites install bench deps docs policies

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: prerequisites ## Show all of it with the real Terraform, against the sandbox
	$(CARGO) build --locked --quiet --bins
	scripts/demo.sh

test: prerequisites ## Every check there is; .ci/run runs this
	$(MAKE) --no-print-directory fmt
	$(MAKE) --no-print-directory lint
	$(MAKE) --no-print-directory rustdoc
	$(MAKE) --no-print-directory generated
	$(MAKE) --no-print-directory terraform
	$(MAKE) --no-print-directory moto
	$(MAKE) --no-print-directory unit

fmt: ## Formatting of Rust and Terraform
	$(CARGO) fmt --check
	terraform fmt -check -diff -recursive env modules examples

lint: ## Clippy over all there is, and over the provider as it is shipped
	$(CARGO) clippy --locked --quiet --all-targets --all-features -- -D warnings
	$(CARGO) clippy --locked --quiet --no-default-features --bin terraform-provider-kms -- -D warnings

rustdoc: ## The documentation of the code, without a broken link
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --locked --quiet --no-deps --document-private-items

generated: ## Whether docs/ and policies/ are what the code says
	$(CARGO) run --locked --quiet -- docs --check
	$(CARGO) run --locked --quiet -- guardrails render $(POLICIES) --check
	scripts/terraform_tables.py --check

terraform: ## Validate env/, modules/ and examples/, and run the modules' own tests
	$(CARGO) build --locked --quiet --bins
	scripts/terraform_check.sh

moto: ## A second opinion on AWS: moto's server, in a virtual environment of its own
	scripts/moto.sh

unit: ## All Rust tests: units, laws, protocol, acceptance, architecture
	$(CARGO) test --locked --all-features

prerequisites:
	@scripts/prerequisites.sh

install: ## Put the provider where `terraform init` finds it in any folder
	$(CARGO) build --locked --release --no-default-features --bin terraform-provider-kms
	scripts/install.sh

bench: prerequisites ## Measure what is promised about speed and size
	$(CARGO) build --locked --release --quiet --no-default-features --bin terraform-provider-kms
	mkdir -p $(CARGO_TARGET_DIR)/bench && cp --remove-destination $(CARGO_TARGET_DIR)/release/terraform-provider-kms $(CARGO_TARGET_DIR)/bench/
	@# The kernel keeps what was just written in larger pieces than what was read, and a process maps whole pieces: forget it, to be read as after an installation.
	@dd if=/dev/null of=$(CARGO_TARGET_DIR)/bench/terraform-provider-kms oflag=nocache conv=notrunc,fdatasync count=0 status=none
	@command -v npm >/dev/null || { echo "npm is not found; the judge is measured beside a package that it installs" >&2; exit 1; }
	$(CARGO) build --locked --release --quiet --manifest-path benches/peers/iam-rs/Cargo.toml --target-dir $(CARGO_TARGET_DIR)/peers
	npm install --silent --no-save --ignore-scripts --prefix $(CARGO_TARGET_DIR)/peers/iam-simulate @cloud-copilot/iam-simulate@0.1.173
	$(CARGO) bench --locked --quiet --bench table

deps: ## Licences, bans and sources of what we depend on
	@export PATH="$(CARGO_TARGET_DIR)/tools/bin:$$PATH"; \
	command -v cargo-deny >/dev/null || $(CARGO) install --locked --root $(CARGO_TARGET_DIR)/tools cargo-deny; \
	cargo-deny --log-level error check bans licenses sources

docs: ## Write docs/ and the tables of the READMEs anew
	$(CARGO) run --locked --quiet -- docs
	scripts/terraform_tables.py

policies: ## Write policies/ anew from the controls
	$(CARGO) run --locked --quiet -- guardrails render $(POLICIES)
