//! The audit as Terraform's users see it: every key with every control, gaps
//! that fail nothing, and an output that stays the same while the keys do.

use std::collections::BTreeMap;

use keyrail::aws::CreateKey;
use keyrail::model::key::KeySpec;
use keyrail::model::key::KeyUsage;
use keyrail::model::key::WindowDays;
use serde_json::Value as Json;
use serde_json::json;

use crate::secure_kms_key::PROVIDER;
use crate::secure_kms_key::key;
use crate::support::Stage;

const AUDIT: &str = r#"
data "kms_audit" "all" {
  depends_on = [secure_kms_key.db]
}

output "report" {
  value = data.kms_audit.all.report_json
}
"#;

fn stage() -> Stage {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    stage.write("main.tf", &format!("{}{AUDIT}", key("db", "")));
    stage.apply();
    stage
}

fn statuses(audit: &Json) -> Vec<(String, String)> {
    let text = |value: &Json| value.as_str().unwrap().to_owned();
    let findings = audit["findings"].as_array().unwrap().iter();
    findings.map(|finding| (text(&finding["control_id"]), text(&finding["status"]))).collect()
}

fn expected(statuses: [&str; 5]) -> Vec<(String, String)> {
    let controls = [
        "deletion-window",
        "environment-boundary",
        "key-rotation",
        "mfa-for-critical-operations",
        "required-tags",
    ];
    controls
        .into_iter()
        .zip(statuses)
        .map(|(control, status)| (control.to_owned(), status.to_owned()))
        .collect()
}

#[test]
fn a_key_of_ours_passes_and_nothing_is_left_to_do() {
    let stage = stage();
    stage.settled();
    let audit = stage.state("data.kms_audit.all");
    assert_eq!(audit["compliant"], true);
    assert_eq!(statuses(&audit), expected(["not_applicable", "not_applicable", "pass", "pass", "pass"]));
    let key = &audit["keys"][0];
    assert_eq!(key["aliases"], json!(["alias/dev/payments/db/encryption"]));
    assert_eq!(key["tags"][0], json!({"TagKey": "BU", "TagValue": "Finance"}));
    assert_eq!(key["rotation_period_in_days"], 365);
}

#[test]
fn a_key_that_somebody_weakened_fails() {
    let stage = stage();
    let id = stage.state("secure_kms_key.db")["id"].as_str().unwrap().parse().unwrap();
    stage.wait(stage.kms().disable_rotation(&id)).unwrap();
    stage.terraform(&["apply", "-refresh-only", "-auto-approve"]).succeeded();
    let audit = stage.state("data.kms_audit.all");
    assert_eq!(audit["compliant"], false);
    assert_eq!(statuses(&audit), expected(["not_applicable", "not_applicable", "fail", "pass", "pass"]));
    assert_eq!(audit["summary"]["failed_by_severity"]["medium"], 1);
}

#[test]
fn what_may_not_be_read_is_unknown_and_fails_nothing() {
    let stage = Stage::new();
    stage.wait(stage.kms().create_key(&request())).unwrap();
    stage.control(
        "POST",
        "faults",
        &json!([{"operation": "ListResourceTags", "service": "kms", "fault": "access_denied"}]),
    );
    stage.write("provider.tf", PROVIDER);
    stage.write("main.tf", "data \"kms_audit\" \"all\" {\n  checks = [\"required-tags\"]\n}\n");
    stage.apply();
    let audit = stage.state("data.kms_audit.all");
    assert_eq!(audit["compliant"], Json::Null);
    assert_eq!(statuses(&audit), [("required-tags".to_owned(), "unknown".to_owned())]);
    assert_eq!(audit["keys"][0]["tags"], Json::Null);
    assert_eq!(audit["keys"][0]["unreadable"], json!(["tags"]));
}

#[test]
fn a_waiver_covers_what_nobody_can_tell_of_a_key_that_waits_for_its_deletion() {
    let stage = Stage::new();
    // Between two days' ends, so that the count of days stays the same while the test runs.
    stage.control("POST", "clock", &json!({"advance_seconds": 3600}));
    let id = stage.wait(stage.kms().create_key(&request())).unwrap().id;
    stage.wait(stage.kms().schedule_deletion(&id, WindowDays::try_from(7).unwrap())).unwrap();
    let ask = format!(
        r#"
data "kms_audit" "all" {{
  checks = ["deletion-window"]
}}

data "secure_kms_key" "doomed" {{
  provider = kms
  key_id   = "{id}"
}}

check "every_key_is_compliant" {{
  assert {{
    condition     = data.kms_audit.all.compliant == true
    error_message = "Not every key is compliant."
  }}
}}
"#
    );
    stage.write("provider.tf", PROVIDER);
    stage.write("main.tf", &ask);
    stage.apply().says("Warning: Check block assertion failed");
    let audit = stage.state("data.kms_audit.all");
    assert_eq!(audit["compliant"], Json::Null);
    let unknown = audit["findings"][0]["detail"].as_str().unwrap().to_owned();
    for (expires, status, compliant, more) in [
        (
            "2999-01-31",
            "waived",
            json!(true),
            "waived until 2999-01-31, approved by Jane Smith: it is gone soon",
        ),
        ("2020-01-31", "unknown", Json::Null, "the waiver approved by Jane Smith expired on 2020-01-31"),
    ] {
        let waiver = format!(
            r#"provider "kms" {{
  waivers = [{{
    control     = "deletion-window"
    key         = "{id}"
    reason      = "it is gone soon"
    approved_by = "Jane Smith"
    expires     = "{expires}"
  }}]
"#
        );
        stage.write("provider.tf", &PROVIDER.replace("provider \"kms\" {\n", &waiver));
        let said = stage.apply();
        assert_eq!(said.text.contains("Check block assertion failed"), compliant.is_null(), "{}", said.text);
        let audit = stage.state("data.kms_audit.all");
        assert_eq!(audit["compliant"], compliant);
        assert_eq!(statuses(&audit), [("deletion-window".to_owned(), status.to_owned())]);
        assert_eq!(audit["findings"][0]["detail"], format!("{unknown}; {more}"));
        let verdict = &stage.state("data.secure_kms_key.doomed")["compliance"]["verdicts"]["deletion-window"];
        assert_eq!(verdict["status"], status);
    }
}

fn request() -> CreateKey {
    CreateKey {
        description: String::new(),
        policy: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"kms:*","Resource":"*"}]}"#.to_owned(),
        tags: BTreeMap::new(),
        spec: KeySpec::SymmetricDefault,
        usage: KeyUsage::EncryptDecrypt,
        multi_region: false,
        bypass_lockout_check: false,
    }
}

#[test]
fn mistakes_are_named_where_they_are_written() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    stage.write("main.tf", "data \"kms_audit\" \"a\" {\n  checks = [\"rotation\"]\n}\n");
    stage.terraform(&["validate"]).says(
        "Error: Unknown control with data.kms_audit.a, on main.tf line 2, in data \"kms_audit\" \"a\": 2: checks = \
         [\"rotation\"] There is no control `rotation`. Required is one of `deletion-window`, \
         `environment-boundary`, `key-rotation`, `mfa-for-critical-operations`, `required-tags`.",
    );
}
