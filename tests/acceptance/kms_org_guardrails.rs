//! The guardrails as Terraform's users see them: import, time-outs, drift and
//! what is refused.

use keyrail::model::org::PolicyType;
use serde_json::json;

use crate::secure_kms_key::PROVIDER;
use crate::support::Stage;

const GUARDRAILS: &str = r#"
resource "kms_org_guardrails" "this" {
  environments        = { dev = "ou-ab12-11111111", prod = "ou-ab12-22222222" }
  ou_map              = { root = ["key-rotation", "deny_leaving"], prod = ["mfa", "only_tls"] }
  policies            = { deny_leaving = file("deny_leaving.json"), only_tls = file("only_tls.json") }
  deletion_protection = false

  max_policy_characters = 5000

  timeouts {
    create = "3s"
  }
}
"#;

const DENY_LEAVING: &str = r#"{
  "Version": "2012-10-17",
  "Statement": {
    "Sid": "NoLeaving",
    "Effect": "Deny",
    "Action": "organizations:LeaveOrganization",
    "Resource": "*"
  }
}
"#;

const ONLY_TLS: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": "kms:Decrypt",
    "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}}
  }]
}
"#;

fn stage(guardrails: &str) -> Stage {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    stage.write("deny_leaving.json", DENY_LEAVING);
    stage.write("only_tls.json", ONLY_TLS);
    stage.write("main.tf", guardrails);
    stage
}

#[test]
fn guardrails_with_policies_by_hand_are_imported_and_the_plan_is_empty() {
    // Time-outs are Terraform's own affair: an import cannot know them.
    let stage = stage(&GUARDRAILS.replace("timeouts {\n    create = \"3s\"\n  }", ""));
    stage.apply();
    stage.settled();
    let seen = stage.state("kms_org_guardrails.this");
    stage.terraform(&["state", "rm", "kms_org_guardrails.this"]).succeeded();
    stage.terraform(&["import", "kms_org_guardrails.this", "keyrail-"]).succeeded();
    stage.settled();
    let imported = stage.state("kms_org_guardrails.this");
    for name in ["ou_map", "environments", "max_policy_characters", "deletion_protection"] {
        assert_eq!(imported[name], seen[name], "{name}");
    }
    stage.write("deny_leaving.json", &DENY_LEAVING.replace("LeaveOrganization", "CloseAccount"));
    let plan = stage.terraform(&["plan", "-detailed-exitcode"]);
    assert_eq!(plan.code, 2, "{}", plan.text);
    stage.apply();
    stage.settled();
}

#[test]
fn a_time_that_is_up_says_how_far_it_came_and_the_next_apply_goes_on() {
    let stage = stage(GUARDRAILS);
    let busy = json!([
        {"operation": "AttachPolicy", "call": 2, "times": 1000, "fault": "concurrent_modification"}
    ]);
    stage.control("POST", "faults", &busy);
    let begun = std::time::Instant::now();
    let refused = stage.terraform(&["apply", "-auto-approve"]);
    assert!(begun.elapsed().as_secs() < 60);
    assert_eq!(refused.code, 1);
    refused.says("Error: Cannot put the guardrails in force in time");
    refused.says("It took longer than the 3 seconds that `timeouts` allow.");
    refused.says("Give `timeouts.create` more time if this is how long AWS takes.");
    refused.says("Apply again: what was done is found, and the run goes on from there.");
    stage.control("POST", "faults", &json!([]));
    stage.write("main.tf", &GUARDRAILS.replace("\"3s\"", "\"2m\""));
    stage.apply();
    stage.settled();
    let api = stage.aws().organizations;
    let made = stage.wait(api.policies(PolicyType::ServiceControl)).unwrap();
    assert_eq!(made.iter().filter(|policy| !policy.aws_managed).count(), 3);
}

#[test]
fn a_content_that_somebody_changed_shows_and_heals() {
    let stage = stage(GUARDRAILS);
    stage.write("main.tf", &GUARDRAILS.replace("\"3s\"", "\"2m\""));
    stage.apply();
    let api = stage.aws().organizations;
    let policies = stage.wait(api.policies(PolicyType::ServiceControl)).unwrap();
    let root = policies.iter().find(|policy| policy.name == "keyrail-scp-root-1").unwrap();
    let weaker = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Weaker","Effect":"Deny","Action":"kms:DisableKey","Resource":"*"}]}"#;
    stage.wait(api.update_policy(&root.id, weaker, "")).unwrap();
    let plan = stage.terraform(&["plan", "-detailed-exitcode"]);
    assert_eq!(plan.code, 2, "{}", plan.text);
    plan.says("Sid = \"Weaker\"");
    stage.apply();
    stage.settled();
}

#[test]
fn a_policy_that_denies_too_much_is_named_with_its_statement() {
    let stage = stage(GUARDRAILS);
    let named = ONLY_TLS
        .replace("\"Effect\": \"Deny\",", "\"Sid\": \"OnlyDev\",\n    \"Effect\": \"Deny\",")
        .replace(
            "\"Bool\": {\"aws:SecureTransport\": \"false\"}",
            "\"ForAllValues:StringNotLike\": {\"aws:PrincipalOrgPaths\": \"/root/dev/*\"}",
        );
    stage.write("only_tls.json", &named);
    let refused = stage.terraform(&["plan"]);
    assert_eq!(refused.code, 1);
    refused.says("Error: Guardrails are not proven");
    refused.says(
        "is explicitly denied by the statement `OnlyDev` of `policies[\"only_tls\"]` on `ou-ab12-22222222` (likely \
         because `/root/dev/*` is a path of names; AWS compares ids, from the organisation downwards: \
         `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*`)",
    );
    refused.says("Warning: A policy likely does not do what is meant");
}
