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
fn after_an_import_only_what_aws_does_not_hold_is_added_and_nothing_changes_there() {
    let unused = "{ deny_leaving = file(\"deny_leaving.json\"), unused = file(\"deny_leaving.json\"), ";
    let written = GUARDRAILS
        .replace("{ deny_leaving = file(\"deny_leaving.json\"), ", unused)
        .replace("\"3s\"", "\"2m\"")
        .replace(
            "max_policy_characters = 5000",
            "exempt_principal_arns = []\n  role_administrator_arns = []",
        );
    let stage = stage(&written);
    stage.apply();
    let before = in_force(&stage);
    stage.terraform(&["state", "rm", "kms_org_guardrails.this"]).succeeded();
    stage.terraform(&["import", "kms_org_guardrails.this", "keyrail-"]).succeeded();
    let plan = stage.plan();
    let change = &plan["resource_changes"][0]["change"];
    assert_eq!(change["actions"], json!(["update"]));
    let (was, will) = (change["before"].as_object().unwrap(), change["after"].as_object().unwrap());
    let differ: Vec<&String> = will.keys().filter(|name| was[*name] != will[*name]).collect();
    assert_eq!(differ, ["policies", "timeouts"]);
    assert_eq!(change["after_unknown"], json!({}), "{}", change["after_unknown"]);
    stage.apply();
    stage.settled();
    assert_eq!(in_force(&stage), before);
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
    refused.says("Warning: The policy likely does not do what is meant");
    refused.says(
        "Found: `/root/dev/*` does not begin with the id of an organisation, so no path of AWS's looks like it: the \
         condition always holds and the statement denies everybody (line 9, column 75, statement `OnlyDev`).
         Fix: write the ids from the organisation down, each with a `/` behind it: `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*`.
         Rule: Organisation ids and paths are real ones (`organization-ids-valid`).",
    );
    assert!(!refused.text.contains("similar warning"), "it is said twice:\n{}", refused.text);
}

/// One key control on the root, under this name and with these arguments more.
fn small(name: &str, more: &str) -> String {
    format!(
        r#"
resource "kms_org_guardrails" "{name}" {{
  provider            = kms
  ou_map              = {{ root = ["key-rotation"] }}
  deletion_protection = false
  {more}
}}
"#
    )
}

/// Every policy that is not AWS's own: its name, its tags, what it says and where it hangs.
fn in_force(stage: &Stage) -> Vec<String> {
    let api = stage.aws().organizations;
    let mut found = Vec::new();
    let policies = stage.wait(api.policies(PolicyType::ServiceControl)).unwrap();
    for policy in policies.into_iter().filter(|policy| !policy.aws_managed) {
        let (_, content) = stage.wait(api.policy(&policy.id)).unwrap();
        let tags = stage.wait(api.policy_tags(&policy.id)).unwrap();
        let targets = stage.wait(api.targets_of(&policy.id)).unwrap();
        found.push(format!("{} {content} {tags:?} {targets:?} {}", policy.name, policy.description));
    }
    found
}

const TAKEN: &str = "Error: Guardrails with this prefix exist already";

#[test]
fn a_second_resource_with_the_same_prefix_is_refused_and_the_first_stays_as_it_is() {
    let stage = stage(&small("this", ""));
    stage.apply();
    let before = in_force(&stage);
    let second = small("other", "").replace("key-rotation", "deletion-window");
    stage.write("main.tf", &[small("this", ""), second].concat());
    let refused = stage.terraform(&["plan"]);
    assert_eq!(refused.code, 1);
    refused.says(TAKEN);
    refused.says(
        "with kms_org_guardrails.other, on main.tf line 9, in resource \"kms_org_guardrails\" \"other\"",
    );
    refused.says(
        "Found: `keyrail-scp-root-1`, in force in this organisation, made with `name_prefix` = `keyrail-` by another \
         resource. Required: a prefix that nobody has, for a new resource takes nothing over. Fix: choose another \
         `name_prefix`. If these are this resource's own, bring them into the state: `terraform import ADDRESS \
         'keyrail-'`, or a `moved` block if only the address changed. If the resource is tainted, Terraform tells it \
         nothing of what it was: `terraform untaint ADDRESS`, and `terraform apply -replace=ADDRESS` if they are to be \
         made anew.",
    );
    // A new address for the same thing would make the new and take the old away.
    stage.write("main.tf", &small("renamed", ""));
    let refused = stage.terraform(&["apply", "-auto-approve"]);
    assert_eq!(refused.code, 1);
    refused.says(TAKEN);
    assert_eq!(in_force(&stage), before);
    let moved = "moved {\n  from = kms_org_guardrails.this\n  to = kms_org_guardrails.renamed\n}\n";
    stage.write("main.tf", &[small("renamed", ""), moved.to_owned()].concat());
    stage.apply();
    stage.settled();
    assert_eq!(in_force(&stage), before);
}

#[test]
fn of_two_new_resources_with_the_same_prefix_one_is_made_and_one_refused() {
    let stage = stage(&[small("one", ""), small("other", "")].concat());
    let refused = stage.terraform(&["apply", "-auto-approve"]);
    assert_eq!(refused.code, 1);
    refused.says(TAKEN);
    let made = ["one", "other"].map(|name| stage.state(&format!("kms_org_guardrails.{name}")).is_object());
    assert_eq!(made.iter().filter(|made| **made).count(), 1, "{made:?}");
    assert_eq!(in_force(&stage).len(), 1);
    stage.write("main.tf", &small(if made[0] { "one" } else { "other" }, ""));
    stage.settled();
}

#[test]
fn resources_whose_prefixes_begin_alike_do_not_see_each_other() {
    let prefix = |prefix: &str| format!("name_prefix = \"{prefix}\"");
    let both = [small("this", &prefix("keyrail")), small("other", &prefix("keyrail-2"))].concat();
    let stage = stage(&both);
    stage.apply();
    stage.settled();
    assert_eq!(in_force(&stage).len(), 2);
    stage.write("main.tf", &small("other", &prefix("keyrail-2")));
    stage.apply();
    stage.settled();
    assert_eq!(in_force(&stage).len(), 1);
}

#[test]
fn a_replacement_that_is_asked_for_makes_the_same_anew() {
    let stage = stage(&small("this", ""));
    stage.apply();
    let before = stage.state("kms_org_guardrails.this");
    stage.terraform(&["apply", "-auto-approve", "-replace=kms_org_guardrails.this"]).succeeded();
    stage.settled();
    assert_ne!(stage.state("kms_org_guardrails.this")["documents"], before["documents"]);
    assert_eq!(in_force(&stage).len(), 1);
}

#[test]
fn another_prefix_is_refused_while_protected_and_moves_everything_when_not() {
    let open = small("this", "lifecycle {\n    create_before_destroy = true\n  }");
    let protected = open.replace("= false", "= true");
    let renamed = |text: &str| text.replace("ou_map ", "name_prefix = \"acme-\"\n  ou_map ");
    let stage = stage(&protected);
    stage.apply();
    let before = in_force(&stage);
    // What counts is the state, whatever the same change says of protection.
    for after in [renamed(&protected), renamed(&open)] {
        stage.write("main.tf", &after);
        let refused = stage.terraform(&["plan"]);
        assert_eq!(refused.code, 1);
        refused.says("Error: Guardrails are protected against deletion");
        refused.says(
            "Found: `name_prefix` changes from `keyrail-` to `acme-`, which replaces the guardrails, and \
             `deletion_protection = true`. Required: `deletion_protection = false` in the state before a replacement.",
        );
    }
    assert_eq!(in_force(&stage), before);
    stage.write("main.tf", &open);
    stage.apply();
    stage.write("main.tf", &renamed(&open));
    stage.apply();
    stage.settled();
    let names: Vec<String> =
        in_force(&stage).iter().map(|policy| policy.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(names, ["acme-scp-root-1"]);
}

#[test]
fn descriptions_and_tags_that_somebody_changed_show_and_heal() {
    let stage = stage(&small("this", "description = \"Ours\"\n  tags = { Team = \"security\" }"));
    let tags =
        "default_tags {\n    tags = { Cost = \"central\" }\n  }\n  ignore_tags {\n    keys = [\"Scan\"]\n  }";
    let provider = PROVIDER.replace("controls = {", &format!("{tags}\n  controls = {{"));
    stage.write("provider.tf", &provider);
    stage.apply();
    stage.settled();
    let before = in_force(&stage);
    let api = stage.aws().organizations;
    let policies = stage.wait(api.policies(PolicyType::ServiceControl)).unwrap();
    let ours = policies.iter().find(|policy| !policy.aws_managed).unwrap();
    let (_, content) = stage.wait(api.policy(&ours.id)).unwrap();
    stage.wait(api.update_policy(&ours.id, &content, "theirs")).unwrap();
    let mut tags = stage.wait(api.policy_tags(&ours.id)).unwrap();
    assert_eq!(tags["Cost"], "central");
    tags.insert("Team".to_owned(), "nobody".to_owned());
    tags.insert("Further".to_owned(), "tag".to_owned());
    tags.insert("Scan".to_owned(), "ignored".to_owned());
    tags.remove("Cost");
    stage.wait(api.set_policy_tags(&ours.id, &tags)).unwrap();
    let plan = stage.terraform(&["plan", "-detailed-exitcode"]);
    assert_eq!(plan.code, 2, "{}", plan.text);
    plan.says("~ description = \"theirs\" -> \"Ours\"");
    plan.says("- \"Further\" = \"tag\" -> null");
    plan.says("~ \"Team\" = \"nobody\" -> \"security\"");
    plan.says("+ \"Cost\" = \"central\"");
    stage.apply();
    stage.settled();
    let mut after = stage.wait(api.policy_tags(&ours.id)).unwrap();
    assert_eq!(after.remove("Scan").as_deref(), Some("ignored"));
    stage.wait(api.set_policy_tags(&ours.id, &after)).unwrap();
    assert_eq!(in_force(&stage), before);
}

/// Settings that are known only after apply: a limit, and where `prod` is.
fn settings_of(days: u32, prod: &str) -> String {
    format!(
        r#"
resource "terraform_data" "settings" {{
  input = {{ days = {days}, prod = "{prod}" }}
}}
"#
    )
}

const PLACED: &str = r#"
resource "kms_org_guardrails" "this" {
  provider            = kms
  ou_map              = { root = ["key-rotation"], prod = ["environment-boundary"] }
  deletion_protection = false
}
"#;

const ASKED: &str = r#"
data "kms_org_guardrails" "this" {
  provider        = kms
  organization_id = "o-a1b2c3d4e5"
  root_id         = "r-ab12"
  ou_map          = { root = ["key-rotation"], prod = ["environment-boundary"] }
}

output "names" {
  value = keys(data.kms_org_guardrails.this.documents)
}
"#;

const DEV_UNIT: &str = "ou-ab12-11111111";
const PROD_UNIT: &str = "ou-ab12-22222222";

fn with_settings_of_resources(guardrails: &str) -> Stage {
    let stage = stage(&[&settings_of(400, PROD_UNIT), guardrails].concat());
    let controls = "controls = {\n    key_rotation = { max_period_in_days = terraform_data.settings.output.days }\n    \
                    environment_boundary = { environments = { prod = terraform_data.settings.output.prod } }";
    stage.write("provider.tf", &PROVIDER.replace("controls = {", controls));
    stage
}

#[test]
fn settings_known_after_apply_leave_the_documents_to_apply() {
    let stage = with_settings_of_resources(PLACED);
    let changes = |stage: &Stage| {
        let plan = stage.plan();
        let changes = plan["resource_changes"].as_array().unwrap().clone();
        changes.into_iter().find(|change| change["address"] == "kms_org_guardrails.this").unwrap()["change"]
            .clone()
    };
    assert_eq!(changes(&stage)["after_unknown"]["documents"], true);
    stage.apply();
    stage.settled();
    assert!(
        in_force(&stage).concat().contains("\"kms:RotationPeriodInDays\":\"400\""),
        "{:?}",
        in_force(&stage)
    );
    let documents = |stage: &Stage| stage.state("kms_org_guardrails.this")["documents"].clone();
    assert!(documents(&stage)["keyrail-rcp-prod-1"]["targets"].to_string().contains(PROD_UNIT));
    // Both change: the plan must speak neither of the old nor of the default.
    stage.write("main.tf", &[&settings_of(500, DEV_UNIT), PLACED].concat());
    let change = changes(&stage);
    assert_eq!(change["after_unknown"]["documents"], true);
    assert_eq!(change["after_unknown"]["ou_paths"], true);
    stage.apply();
    stage.settled();
    assert!(
        in_force(&stage).concat().contains("\"kms:RotationPeriodInDays\":\"500\""),
        "{:?}",
        in_force(&stage)
    );
    assert!(documents(&stage)["keyrail-rcp-prod-1"]["targets"].to_string().contains(DEV_UNIT));
}

#[test]
fn a_data_source_makes_no_documents_of_settings_that_nobody_wrote() {
    let stage = with_settings_of_resources(ASKED);
    let refused = stage.terraform(&["apply", "-auto-approve"]);
    assert_eq!(refused.code, 1);
    refused.says("Error: Settings of controls are known only after apply");
    refused.says("with data.kms_org_guardrails.this");
    refused.says(
        "Fix: let the data source wait with `depends_on` for what the setting comes from, or apply that first, with \
         `-target`.",
    );
    let waiting = ASKED.replace("= \"r-ab12\"", "= \"r-ab12\"\n  depends_on = [terraform_data.settings]");
    stage.write("main.tf", &[&settings_of(400, PROD_UNIT), waiting.as_str()].concat());
    stage.apply().says("\"keyrail-rcp-prod-1\",");
    stage.settled();
}

/// One policy by hand on `prod`, and this long.
fn long(resource: bool, characters: usize) -> Stage {
    let principal = if resource { "\"Principal\":\"*\"," } else { "" };
    let text = |filler: usize| {
        format!(
            "{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Sid\":\"{}\",\"Effect\":\"Deny\",{principal}\"Action\":\
             \"kms:DisableKey\",\"Resource\":\"*\",\"Condition\":{{\"Bool\":{{\"aws:SecureTransport\":\"false\"}}}}}}]}}",
            "x".repeat(filler)
        )
    };
    let short = text(0).chars().count();
    let stage = stage(
        &small(
            "this",
            "policies = { long = file(\"long.json\") }\n  environments = { prod = \"ou-ab12-22222222\" }",
        )
        .replace("root = [\"key-rotation\"]", "prod = [\"long\"]"),
    );
    stage.write("long.json", &text(characters.saturating_sub(short)));
    stage
}

#[test]
fn a_policy_over_the_quota_is_refused_with_what_to_do_and_one_at_the_quota_is_not() {
    let cases = [
        (
            false,
            10_240,
            "`keyrail-long` has 10241 characters; a SERVICE_CONTROL_POLICY may have 10240. Shorten what makes it long, such \
             as a list of exemptions or of allowed values: exempt roles by a path with a wildcard instead of one by one.",
        ),
        (
            true,
            5_120,
            "`keyrail-long` has 5121 characters; a RESOURCE_CONTROL_POLICY may have 5120. Only service control policies may \
             have 10,240; what names no principal and speaks of the callers alone can be one. Otherwise divide it into \
             several, or shorten its lists.",
        ),
    ];
    for (resource, most, detail) in cases {
        long(resource, most).terraform(&["plan"]).succeeded();
        let refused = long(resource, most + 1).terraform(&["plan"]);
        assert_eq!(refused.code, 1);
        refused.says("Error: Policies exceed a quota of AWS");
        refused.says("with kms_org_guardrails.this");
        refused.says(detail);
    }
}

#[test]
fn more_policies_than_a_target_takes_are_refused_with_what_to_do() {
    let stage = stage(&small("this", "max_policies_per_target = 1"));
    let refused = stage.terraform(&["plan"]);
    assert_eq!(refused.code, 1);
    refused.says("Error: Policies exceed a quota of AWS");
    refused.says(
        "`r-ab12` would carry 1 policies of type SERVICE_CONTROL_POLICY made here and 1 of others; it takes 1. Hang less \
         on this target: place controls on the root, where they hold for everything below, or detach policies of others. `terraform destroy \
         -refresh=false` takes guardrails away without looking at quotas.",
    );
}

#[test]
fn a_change_for_which_there_is_no_room_without_a_gap_is_refused_by_the_plan() {
    let hung = |ou_map: &str, policies: &[&str]| {
        let files: Vec<String> =
            policies.iter().map(|name| format!("{name} = file(\"deny_leaving.json\")")).collect();
        let arguments = format!(
            "environments = {{ dev = \"ou-ab12-11111111\", prod = \"ou-ab12-22222222\" }}\n  policies = {{ {} }}\n  \
             max_policies_per_target = 2",
            files.join(", ")
        );
        small("this", &arguments).replace("root = [\"key-rotation\"]", ou_map)
    };
    let stage = stage(&hung("dev = [\"old\"], prod = [\"old\"]", &["old"]));
    stage.apply();
    let before = in_force(&stage);
    stage.write("main.tf", &hung("dev = [\"left\"], prod = [\"right\"]", &["left", "right"]));
    let refused = stage.terraform(&["plan"]);
    assert_eq!(refused.code, 1);
    refused.says("Error: No room for a change without a gap");
    refused.says(
        "The policy `keyrail-right` can be changed only at the price of a moment without protection: `ou-ab12-22222222` \
         has no free place for a SERVICE_CONTROL_POLICY beside the 1 made here, and what leaves it is still needed there. \
         An update never leaves a target with less protection than it has before and after, so nothing is changed. Detach \
         a policy that is not ours from `ou-ab12-22222222` for the time of this change, or make the change in two applies, \
         the first of which adds and the second of which takes away.",
    );
    assert_eq!(in_force(&stage), before);
}

#[test]
fn another_prefix_without_create_before_destroy_counts_anew_and_attaches_the_new() {
    let stage = stage(&small("this", "name_prefix = \"ra-\""));
    stage.apply();
    stage.unmoved();
    stage.write("main.tf", &small("this", "name_prefix = \"rb-\""));
    let plan = stage.plan();
    let change = &plan["resource_changes"][0]["change"];
    assert_eq!(change["actions"], json!(["delete", "create"]));
    assert_eq!(change["after_unknown"]["quota"], json!(true));
    stage.apply();
    stage.unmoved();
    stage.settled();
    let quota = &stage.state("kms_org_guardrails.this")["quota"]["r-ab12 SERVICE_CONTROL_POLICY"];
    assert_eq!(*quota, json!({"limit": 10, "others": 1, "used": 2}));
    let names: Vec<String> =
        in_force(&stage).iter().map(|policy| policy.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(names, ["rb-scp-root-1"]);
}

#[test]
fn what_others_attach_is_counted_by_every_read_and_never_stands_in_the_way_of_a_destroy() {
    let stage = stage(&small("this", "max_policies_per_target = 2"));
    let plan = stage.plan();
    assert_eq!(plan["resource_changes"][0]["change"]["after_unknown"]["quota"], json!(true));
    stage.apply();
    stage.unmoved();
    let api = stage.aws().organizations;
    let theirs = keyrail::aws::NewPolicy {
        name: "theirs".to_owned(),
        description: String::new(),
        policy_type: PolicyType::ServiceControl,
        content: DENY_LEAVING.to_owned(),
        tags: std::collections::BTreeMap::new(),
    };
    let id = stage.wait(api.create_policy(&theirs)).unwrap();
    stage.wait(api.attach(&id, &"r-ab12".parse().unwrap())).unwrap();
    stage.settled();
    stage.terraform(&["apply", "-refresh-only", "-auto-approve"]).succeeded();
    let quota = &stage.state("kms_org_guardrails.this")["quota"]["r-ab12 SERVICE_CONTROL_POLICY"];
    assert_eq!(*quota, json!({"limit": 2, "others": 2, "used": 3}));
    stage.terraform(&["destroy", "-auto-approve"]).succeeded();
    assert_eq!(in_force(&stage).len(), 1);
}

#[test]
fn two_environments_on_one_place_are_refused_by_the_plan() {
    let same = "{ dev = \"ou-ab12-11111111\", prod = \"ou-ab12-11111111\" }";
    let placed = "root = [\"environment-boundary\"]";
    let resource =
        small("this", &format!("environments = {same}")).replace("root = [\"key-rotation\"]", placed);
    let data = format!(
        "data \"kms_org_guardrails\" \"this\" {{\n  provider     = kms\n  environments = {same}\n  ou_map       = {{ \
         {placed} }}\n}}\n"
    );
    for configuration in [resource, data] {
        let stage = stage(&configuration);
        let refused = stage.terraform(&["plan"]);
        assert_eq!(refused.code, 1);
        refused.says("Error: Invalid environments");
        refused
            .says("found `prod` in the place of `dev`, required is a place of its own for each environment,");
    }
}

#[test]
fn a_kind_of_policy_that_was_switched_on_is_told_when_the_time_is_up() {
    let stage = stage(&small("this", "timeouts {\n    create = \"5s\"\n  }"));
    stage.control(
        "POST",
        "faults",
        &json!([{"operation": "CreatePolicy", "call": 1, "times": 1000, "fault": "concurrent_modification"}]),
    );
    let refused = stage.terraform(&["apply", "-auto-approve"]);
    assert_eq!(refused.code, 1);
    refused.says("Done before: switch policies of type SERVICE_CONTROL_POLICY on.");
    refused.says("It stopped at: make `keyrail-scp-root-1`");
}

#[test]
fn what_is_tainted_is_refused_with_the_way_out() {
    let stage = stage(&small("this", ""));
    stage.apply();
    stage.terraform(&["taint", "kms_org_guardrails.this"]).succeeded();
    let refused = stage.terraform(&["plan"]);
    assert_eq!(refused.code, 1);
    refused.says(TAKEN);
    stage.terraform(&["untaint", "kms_org_guardrails.this"]).succeeded();
    stage.settled();
    stage.terraform(&["apply", "-auto-approve", "-replace=kms_org_guardrails.this"]).succeeded();
    stage.settled();
}
