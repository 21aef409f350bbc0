//! Scripts that run inside of a sandbox of their own, on a copy of what users
//! get: `env/`, `modules/`, `policies/`, `examples/`.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::copies::copy_folder;

/// Runs `script` with the real Terraform within a fresh copy and a fresh
/// sandbox, and gives what it said. Panics with all of it when it fails.
pub(crate) fn in_sandbox(script: &str) -> String {
    let copy = copy();
    let output = Command::new(env!("CARGO_BIN_EXE_keyrail"))
        .args(["sandbox", "--", "bash", "-euo", "pipefail", "-c", script])
        .current_dir(copy.path())
        .env("TF_CLI_CONFIG_FILE", copy.path().join("terraform.rc"))
        .env("HOME", copy.path())
        .env("PATH", path())
        .envs([("CHECKPOINT_DISABLE", "1"), ("TF_INPUT", "0"), ("TF_CLI_ARGS", "-no-color")])
        .envs([("TF_CLI_ARGS_apply", "-auto-approve"), ("TF_CLI_ARGS_destroy", "-auto-approve")])
        .env("REPOSITORY", env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let said =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success(), "the script ended with {}:\n{said}", output.status);
    said
}

/// A copy of the Terraform sources, with a mirror that holds the provider.
fn copy() -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["env", "modules", "policies", "examples"] {
        copy_folder(&root.join(folder), &copy.path().join(folder));
    }
    let mirror = Command::new(root.join("scripts/mirror.sh"))
        .arg(copy.path())
        .arg(env!("CARGO_BIN_EXE_terraform-provider-kms"))
        .output()
        .unwrap();
    assert!(mirror.status.success(), "{}", String::from_utf8_lossy(&mirror.stderr));
    copy
}

/// The path with the folder of `keyrail` in front.
fn path() -> String {
    let programs = Path::new(env!("CARGO_BIN_EXE_keyrail")).parent().unwrap();
    format!("{}:{}", programs.display(), std::env::var("PATH").unwrap())
}
