#!/usr/bin/env bash
# mirror.sh DIR [PROVIDER]: puts the provider (the debug build, unless another is given) into a mirror
# below DIR, together with a configuration for Terraform that knows this mirror only, so that `init` asks
# no network. Prints the path of that configuration, for TF_CLI_CONFIG_FILE.
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$here/target}
provider=${2:-$target/debug/terraform-provider-kms}
mkdir -p "$1"
dir=$(cd "$1" && pwd)

version=$(sed -nE 's/^version = "(.*)"/\1/p' "$here/Cargo.toml" | head -n 1)
place=$dir/mirror/registry.terraform.io/keyrail/kms/$version/$("$here/scripts/platform.sh")
rm -rf "$dir/mirror"
mkdir -p "$place"
ln "$provider" "$place/terraform-provider-kms_v$version" 2>/dev/null ||
    cp "$provider" "$place/terraform-provider-kms_v$version"

cat >"$dir/terraform.rc" <<RC
provider_installation {
  filesystem_mirror {
    path = "$dir/mirror"
  }
}
RC
echo "$dir/terraform.rc"
