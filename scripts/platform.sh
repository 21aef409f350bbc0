#!/usr/bin/env bash
# The name of this platform in Terraform's words, such as linux_amd64.
set -euo pipefail

os=$(uname -s | tr '[:upper:]' '[:lower:]')
case $(uname -m) in
    x86_64 | amd64) arch=amd64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) arch=$(uname -m) ;;
esac
echo "${os}_${arch}"
