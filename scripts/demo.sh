#!/usr/bin/env bash
# The whole story on one machine: starts the sandbox, lets demo_steps.sh run inside of it, and leaves nothing
# running. Works on a copy below the target folder; what it made stays there to be looked at.
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
target=$(cd "${CARGO_TARGET_DIR:-$here/target}" && pwd)
export KEYRAIL_BIN=$target/debug
export DEMO=$target/demo

rm -rf "$DEMO"
mkdir -p "$DEMO"
TF_CLI_CONFIG_FILE=$("$here/scripts/mirror.sh" "$DEMO")
export TF_CLI_CONFIG_FILE
cp -r "$here/env" "$here/modules" "$here/policies" "$here/examples" "$DEMO"

# `keyrail sandbox -- COMMAND` ends the sandbox with the command, however that ends.
exec "$KEYRAIL_BIN/keyrail" sandbox -- "$here/scripts/demo_steps.sh"
