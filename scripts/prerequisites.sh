#!/usr/bin/env bash
# Says what is missing before anything is built.
set -euo pipefail

missing=0

# at_least FOUND LEAST: whether version FOUND is not below LEAST.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# need NAME LEAST FOUND WHERE
need() {
    if [ -z "$3" ]; then
        echo "error: $1 is missing; keyrail needs $1 $2 or newer. Get it from $4" >&2
        missing=1
    elif ! at_least "$3" "$2"; then
        echo "error: $1 $3 is too old; keyrail needs $2 or newer. Get it from $4" >&2
        missing=1
    fi
}

# first_version COMMAND...: the first thing that looks like a version in what COMMAND prints; empty when it fails.
first_version() { { "$@" 2>/dev/null || true; } | grep -oE '[0-9]+\.[0-9]+(\.[0-9]+)?' | head -n 1 || true; }

here=$(cd "$(dirname "$0")/.." && pwd)
rust=$(sed -nE 's/^rust-version = "(.*)"/\1/p' "$here/Cargo.toml")
need cargo "$rust" "$(first_version cargo --version)" https://rustup.rs
need terraform 1.10.0 "$(first_version terraform version)" https://developer.hashicorp.com/terraform/install
need python3 3.9 "$(first_version python3 --version)" https://www.python.org/downloads
need "a C compiler (cc)" 1.0 "$(command -v cc >/dev/null && echo 1.0)" "your system's packages: build-essential, gcc or Xcode's command line tools"
exit "$missing"
