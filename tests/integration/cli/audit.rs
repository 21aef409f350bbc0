//! `keyrail audit` over a sandbox with one key as it should be and one as it
//! should not.

use std::collections::BTreeMap;

use serde_json::Value;

use super::support::{Key, PLAIN_POLICY, World, controls, err, out, rendered_policy};

/// A key that every control is content with, and one made by somebody hostile.
fn world() -> World {
    let world = World::new();
    world.create(&Key {
        alias: "alias/dev/payments/db/encryption",
        description: "Payments",
        policy: &rendered_policy(),
        tags: TAGS,
    });
    world.create(&Key {
        alias: "alias/hostile",
        description: "<script>alert(1)</script>",
        policy: PLAIN_POLICY,
        tags: &[("Environment", "dev")],
    });
    world
}

fn audit(world: &World, arguments: &[&str]) -> std::process::Output {
    world.keyrail().arg("audit").arg("--config").arg(controls()).args(arguments).output().unwrap()
}

fn statuses(report: &Value, alias: &str) -> BTreeMap<String, String> {
    let keys = report["keys"].as_array().unwrap();
    let key = keys.iter().find(|key| key["aliases"][0] == alias).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    findings
        .filter(|finding| finding["key_id"] == key["key_id"])
        .map(|finding| (text(&finding["control_id"]), text(&finding["status"])))
        .collect()
}

fn expected(statuses: [(&str, &str); 5]) -> BTreeMap<String, String> {
    statuses.into_iter().map(|(control, status)| (control.to_owned(), status.to_owned())).collect()
}

#[test]
fn json_has_every_key_and_every_control() {
    let audited = audit(&world(), &["--format", "json"]);
    assert_eq!((audited.status.code(), err(&audited)), (Some(1), String::new()));
    let report: Value = serde_json::from_str(&out(&audited)).unwrap();
    assert_eq!((&report["account_id"], &report["region"]), (&"222222222222".into(), &"eu-west-1".into()));
    assert_eq!(report["compliant"], false);
    assert_eq!(
        statuses(&report, "alias/dev/payments/db/encryption"),
        expected([
            ("deletion-window", "not_applicable"),
            ("environment-boundary", "pass"),
            ("key-rotation", "pass"),
            ("mfa-for-critical-operations", "pass"),
            ("required-tags", "pass"),
        ])
    );
    assert_eq!(
        statuses(&report, "alias/hostile"),
        expected([
            ("deletion-window", "not_applicable"),
            ("environment-boundary", "fail"),
            ("key-rotation", "pass"),
            ("mfa-for-critical-operations", "fail"),
            ("required-tags", "fail"),
        ])
    );
}

#[test]
fn a_record_has_the_documented_fields_and_no_other() {
    let audited = audit(&world(), &["--format", "json", "--key", "alias/hostile"]);
    let report: Value = serde_json::from_str(&out(&audited)).unwrap();
    let record = report["keys"][0].as_object().unwrap();
    let fields: Vec<&str> = record.keys().map(String::as_str).collect();
    assert_eq!(
        fields,
        [
            "aliases",
            "deletion_date",
            "description",
            "grants",
            "key_arn",
            "key_id",
            "key_manager",
            "key_policy",
            "key_rotation_enabled",
            "key_spec",
            "key_state",
            "key_usage",
            "multi_region",
            "next_rotation_date",
            "origin",
            "replica_keys",
            "rotation_period_in_days",
            "tags",
            "unreadable",
        ]
    );
    assert_eq!(record["tags"], serde_json::json!([{"TagKey": "Environment", "TagValue": "dev"}]));
    assert_eq!(record["key_policy"]["Statement"][0]["Action"], "kms:*");
    assert_eq!(record["unreadable"], serde_json::json!([]));
}

#[test]
fn the_exit_code_says_whether_something_fails() {
    let world = world();
    let good = ["--key", "alias/dev/payments/db/encryption"];
    assert_eq!(audit(&world, &good).status.code(), Some(0));
    assert_eq!(audit(&world, &["--key", "alias/hostile"]).status.code(), Some(1));
    assert_eq!(audit(&world, &["--key", "alias/hostile", "--fail-on", "never"]).status.code(), Some(0));
    assert_eq!(audit(&world, &["--key", "alias/hostile", "--check", "key-rotation"]).status.code(), Some(0));
}

#[test]
fn the_table_shows_what_fails_and_counts_the_rest() {
    let audited = audit(&world(), &[]);
    let table = out(&audited);
    assert!(table.starts_with("account 222222222222, region eu-west-1, 20"), "{table}");
    assert!(table.contains(" alias/hostile   required-tags "), "{table}");
    assert!(!table.contains("payments"), "{table}");
    assert!(table.ends_with("2 keys: 3 fail, 0 unknown, 0 waived, 5 pass, 2 not applicable\n"), "{table}");
    assert!(!table.contains('\u{1b}'), "no colour where no terminal reads");
}

#[test]
fn files_are_written_in_the_format_of_their_names_and_the_table_is_still_shown() {
    let folder = tempfile::tempdir().unwrap();
    let (json, html) = (folder.path().join("new/audit.json"), folder.path().join("audit.html"));
    let audited = audit(&world(), &["--output", json.to_str().unwrap(), "--output", html.to_str().unwrap()]);
    assert!(out(&audited).contains("2 keys: 3 fail"));
    let report: Value = serde_json::from_str(&std::fs::read_to_string(json).unwrap()).unwrap();
    assert_eq!(report["summary"]["keys"], 2);
    let page = std::fs::read_to_string(html).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>"));
    assert_eq!(page.matches("<script>").count(), 1, "the page's own");
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(page.contains("&lt;/script&gt;&lt;script&gt;alert(2)&lt;/script&gt;"));
}

#[test]
fn a_file_whose_name_says_no_format_is_refused_before_anything_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audit.csv");
    let path = file.to_str().unwrap();
    let world = World::new();
    let refused = world
        .keyrail()
        .args(["audit", "--output", path])
        .env("AWS_SECRET_ACCESS_KEY", "which AWS would refuse")
        .output()
        .unwrap();
    assert_eq!((refused.status.code(), out(&refused)), (Some(2), String::new()));
    assert_eq!(
        err(&refused),
        format!(
            "error: the name of `{path}` does not say in which format to write\n  \
             try: end it in `.json`, `.html` or `.txt`, or say it with `--format`\n"
        )
    );
    assert!(!file.exists());
    let told = audit(&world, &["--output", path, "--format", "json"]);
    assert_eq!((told.status.code(), err(&told)), (Some(0), String::new()));
    serde_json::from_str::<Value>(&std::fs::read_to_string(file).unwrap()).unwrap();
}

#[test]
fn two_audits_differ_in_nothing_but_their_time() {
    let world = world();
    let report = || {
        let mut report: Value = serde_json::from_str(&out(&audit(&world, &["--format", "json"]))).unwrap();
        report.as_object_mut().unwrap().remove("time").unwrap();
        report
    };
    assert_eq!(report(), report());
}

#[test]
fn what_keeps_an_audit_from_happening_is_said_with_advice() {
    let world = World::new();
    let missing = audit(&world, &["--key", "alias/missing"]);
    assert_eq!(missing.status.code(), Some(2));
    assert_eq!(
        err(&missing),
        "error: there is no key `alias/missing` in account 222222222222, region eu-west-1\n  \
         try: check the name, `--profile` and `--region`\n"
    );
    let wrong = world.keyrail().arg("audit").env("AWS_SECRET_ACCESS_KEY", SECRET).output().unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    assert!(
        err(&wrong).starts_with("error: STS GetCallerIdentity in region eu-west-1: SignatureDoesNotMatch")
    );
    for printed in [out(&wrong), err(&wrong)] {
        assert!(!printed.contains(SECRET), "{printed}");
    }
}

/// Words that nothing else prints.
const SECRET: &str = "qX7vZt2mSecretOfTheAuditTest9LwKd";

const TAGS: &[(&str, &str)] = &[
    ("BU", "Finance"),
    ("BusinessOwner", "Finance Team"),
    ("TechnicalOwner", "Database Team"),
    ("ProjectManager", "Jane Smith"),
    ("Project", "Payment System"),
    ("Owner", "Payments Team"),
    ("Environment", "dev"),
];
