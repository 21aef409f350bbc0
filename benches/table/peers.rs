//! The judge beside other open evaluators, on the same case, each in a process
//! of its own: `make bench` builds and installs them below target/.
//!
//! Speed alone is compared. Neither of them knows what the judge knows of KMS,
//! and one knows no kinds of policy at all.

use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

use serde_json::Value;
use serde_json::json;

use crate::Promise;
use crate::Row;
use crate::large_organization as large;

/// `ours`: decisions a second of the judge, reasons included as theirs are.
pub(crate) fn measure(ours: f64) -> Vec<Row> {
    let peers = [
        ("the judge beside iam-rs 0.8, times as fast", iam_rs()),
        ("the judge beside @cloud-copilot/iam-simulate", iam_simulate()),
    ];
    peers
        .into_iter()
        .map(|(what, command)| Row {
            what,
            measured: ours / decisions_per_second(command),
            unit: "x",
            promise: Promise::AtLeast(1.0),
            floor: None,
        })
        .collect()
}

fn iam_rs() -> Command {
    Command::new(prepared("release/peer-iam-rs"))
}

fn iam_simulate() -> Command {
    let mut command = Command::new("node");
    command
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/iam-simulate/measure.mjs"))
        .arg(prepared("iam-simulate"));
    command
}

fn prepared(what: &str) -> PathBuf {
    let path = crate::target().join("peers").join(what);
    assert!(path.exists(), "run `make bench`, which puts `{}` there", path.display());
    path
}

fn decisions_per_second(mut command: Command) -> f64 {
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    process.stdin.take().unwrap().write_all(case().to_string().as_bytes()).unwrap();
    let output = process.wait_with_output().unwrap();
    assert!(output.status.success(), "{command:?} could not measure");
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

/// The judge's case in the words of `keyrail simulate`, with the keys that AWS
/// derives written out.
fn case() -> Value {
    let policy = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let level = |target: &str, texts: &[&str]| json!({"target": target, "policies": texts.iter().map(|text| policy(text)).collect::<Vec<_>>()});
    json!({
        "action": "kms:Decrypt",
        "resource": large::KEY,
        "principal": "arn:aws:sts::111122223333:assumed-role/app/s1",
        "context": {
            "kms:EncryptionContext:app": "orders",
            "aws:ResourceTag/Environment": "prod",
            "aws:MultiFactorAuthPresent": "false",
            "aws:SourceIp": "10.1.2.3",
            "aws:PrincipalOrgID": "o-a1b2c3d4e5",
            "aws:PrincipalOrgPaths": ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"],
            "aws:PrincipalIsAWSService": "false",
            "aws:PrincipalArn": "arn:aws:iam::111122223333:role/app",
        },
        "identity_policies": [policy(large::IDENTITY)],
        "resource_policy": policy(large::KEY_POLICY),
        "scp": [
            level("r-ab12", &[large::FULL_ACCESS, large::CRITICAL]),
            level("ou-ab12-11111111", &[large::FULL_ACCESS]),
            level("ou-ab12-22222222", &[large::FULL_ACCESS, large::TAGS]),
            level("ou-ab12-33333333", &[large::FULL_ACCESS]),
            level("111122223333", &[large::FULL_ACCESS]),
        ],
        "rcp": [level("r-ab12", &[large::PERIMETER]), level("ou-ab12-11111111", &[large::PERIMETER])],
    })
}
