//! `keyrail audit` over a sandbox with one key as it should be and one as it
//! should not.

use std::collections::BTreeMap;

use serde_json::Value;

use super::support::{Key, OPERATOR, PLAIN_POLICY, World, controls, err, keyrail, out, rendered_policy};

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
    let (json, html) = (folder.path().join("audit.JSON"), folder.path().join("audit.html"));
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
    assert_eq!(
        (told.status.code(), err(&told), out(&told)),
        (Some(0), NOTHING_THERE.to_owned(), String::new())
    );
    serde_json::from_str::<Value>(&std::fs::read_to_string(file).unwrap()).unwrap();
}

#[test]
fn what_cannot_be_written_as_it_is_asked_for_is_refused_before_anything_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("audit.html");
    let elsewhere = folder.path().join("new/audit.json");
    let (page, elsewhere) = (page.to_str().unwrap(), elsewhere.to_str().unwrap());
    let new = folder.path().join("new");
    let new = new.display();
    for (arguments, said) in [
        (
            &["--output", page, "--format", "json"][..],
            format!(
                "error: the ending of `{page}` says another format than `--format json`\n  try: leave `--format` out, then \
                 every file is written as its ending says; or give the file another name\n"
            ),
        ),
        (
            &["--output", elsewhere],
            format!(
                "error: `{new}`, where `{elsewhere}` goes, is no folder\n  try: make it with `mkdir -p {new}`, or \
                 correct the name\n"
            ),
        ),
    ] {
        let refused = keyrail().arg("audit").args(arguments).output().unwrap();
        assert_eq!((refused.status.code(), err(&refused)), (Some(2), said));
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_dash_is_standard_output_in_the_format_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let world = world();
    let run = |arguments: &[&str]| {
        let mut command = world.keyrail();
        command
            .current_dir(folder.path())
            .args(["audit", "--key", "alias/hostile"])
            .args(arguments)
            .output()
            .unwrap()
    };
    assert!(out(&run(&["--output", "-", "--format", "html"])).starts_with("<!DOCTYPE html>"));
    assert!(out(&run(&["--output", "-"])).starts_with("account 222222222222"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let both = run(&["--output", "-", "--output", "audit.json", "--format", "json"]);
    assert_eq!(out(&both).lines().next(), Some("{"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_role_leads_into_the_account_that_is_meant() {
    let world = World::new();
    let run = |role: &str| world.keyrail().args(["audit", "--assume-role", role]).output().unwrap();
    let mut operator = world.keyrail();
    operator.env("AWS_ACCESS_KEY_ID", OPERATOR.0).env("AWS_SECRET_ACCESS_KEY", OPERATOR.1);
    operator.args(["audit", "--assume-role", "arn:aws:iam::333333333333:role/auditor"]);
    let audited = operator.output().unwrap();
    assert_eq!(audited.status.code(), Some(0), "{}", err(&audited));
    assert!(out(&audited).starts_with("account 333333333333, region eu-west-1, 20"), "{}", out(&audited));
    let denied = run("arn:aws:iam::333333333333:role/auditor");
    assert_eq!(denied.status.code(), Some(2));
    assert!(
        err(&denied).ends_with(
            "\n  try: check that `arn:aws:iam::333333333333:role/auditor` trusts you, and that your policies allow \
             `sts:AssumeRole` on it: `aws sts get-caller-identity` says who you are without it\n"
        ),
        "{}",
        err(&denied)
    );
    let wrong = run("arn:aws:iam::333333333333:user/auditor");
    assert_eq!(wrong.status.code(), Some(2));
    assert!(
        err(&wrong)
            .contains("required is the ARN of a role, such as `arn:aws:iam::222222222222:role/auditor`"),
        "{}",
        err(&wrong)
    );
}

#[test]
fn a_filter_that_no_key_passes_is_no_clean_account() {
    let world = world();
    for (arguments, said) in [
        (
            &["--alias-prefix", "alias/dve/"][..],
            "error: no customer key of account 222222222222, region eu-west-1 has an alias that begins with \
             `alias/dve/`\n  try: check the spelling, which counts with regard to case, and `--profile`, \
             `--assume-role` and `--region`\n",
        ),
        (
            &["--tag", "Environment=Dev"],
            "error: no customer key of account 222222222222, region eu-west-1 has the tag `Environment` with the value \
             `Dev`\n  try: check the spelling, which counts with regard to case, and `--profile`, `--assume-role` and \
             `--region`\n",
        ),
        (
            &["--tag", "=x"],
            "error: `=x` names no tag\n  try: give a tag's key, or its key and a value, such as `Environment=prod`\n",
        ),
    ] {
        let refused = audit(&world, arguments);
        assert_eq!((refused.status.code(), err(&refused)), (Some(2), said.to_owned()));
    }
    assert_eq!(audit(&world, &["--tag", "Environment=dev"]).status.code(), Some(1));
}

#[test]
fn an_account_without_keys_is_said_to_have_none() {
    let audited = audit(&World::new(), &[]);
    assert_eq!((audited.status.code(), err(&audited)), (Some(0), NOTHING_THERE.to_owned()));
}

#[test]
fn a_waiver_that_concerns_no_key_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keyrail.json");
    let waiver = |key: &str| {
        format!(
            r#"{{"control": "required-tags", "key": "{key}", "reason": "r", "approved_by": "a", "expires": "2999-01-31"}}"#
        )
    };
    let elsewhere = "arn:aws:kms:eu-west-1:333333333333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let waivers = ["alias/hostile", "alias/hostlie", elsewhere].map(waiver).join(",");
    std::fs::write(&file, format!(r#"{{"waivers": [{waivers}]}}"#)).unwrap();
    let world = world();
    let run = |arguments: &[&str]| {
        err(&world
            .keyrail()
            .args(["audit", "--config", file.to_str().unwrap()])
            .args(arguments)
            .output()
            .unwrap())
    };
    assert_eq!(
        run(&[]),
        "note: the waiver of `required-tags` for `alias/hostlie` concerns no key of account 222222222222, region \
         eu-west-1\n"
    );
    assert_eq!(run(&["--check", "key-rotation"]), "");
    assert_eq!(run(&["--key", "alias/hostile"]), "");
}

#[test]
fn an_unknown_verdict_makes_the_exit_code_1_until_it_is_waived_or_allowed() {
    let world = world();
    let id = world.id_of("alias/hostile");
    world.schedule_deletion(&id);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keyrail.json");
    let run = |expires: &str, more: &[&str]| {
        let waiver = format!(
            r#"{{"waivers": [{{"control": "deletion-window", "key": "{id}", "reason": "it is gone soon",
                "approved_by": "Jane Smith", "expires": "{expires}"}}]}}"#
        );
        std::fs::write(&file, waiver).unwrap();
        let mut command = world.keyrail();
        command.args(["audit", "--check", "deletion-window", "--config", file.to_str().unwrap()]).args(more);
        let output = command.output().unwrap();
        (output.status.code(), out(&output).lines().last().unwrap().to_owned())
    };
    let summary = |unknown: u8, waived: u8| {
        format!("2 keys: 0 fail, {unknown} unknown, {waived} waived, 0 pass, 1 not applicable")
    };
    assert_eq!(run("2020-01-31", &[]), (Some(1), summary(1, 0)));
    assert_eq!(run("2020-01-31", &["--allow-unknown"]), (Some(0), summary(1, 0)));
    assert_eq!(run("2999-01-31", &[]), (Some(0), summary(0, 1)));
}

#[test]
fn an_address_without_a_scheme_is_told_so() {
    for address in ["127.0.0.1:1", "localhost:4577"] {
        let output = keyrail().args(["audit", "--endpoint-url", address]).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(
            err(&output).contains("required is an address with its scheme, such as `http://127.0.0.1:4577`"),
            "{}",
            err(&output)
        );
    }
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

const NOTHING_THERE: &str = "note: there is no customer key in account 222222222222, region eu-west-1; `--profile`, \
                             `--assume-role` and `--region` lead to others\n";

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
