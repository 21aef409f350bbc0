//! What is refused, in the words that users read, with file and line.

use crate::secure_kms_key::PROVIDER;
use crate::secure_kms_key::key;
use crate::support::Stage;

/// Fails unless the plan of `keys`, in `keys.tf`, is refused in these words.
#[track_caller]
fn refuses(provider: &str, keys: &str, expected: &[&str]) {
    let stage = Stage::new();
    stage.write("provider.tf", &PROVIDER.replace("controls = {\n", &format!("controls = {{\n{provider}")));
    stage.write("keys.tf", keys);
    let plan = stage.terraform(&["plan"]);
    assert_eq!(plan.code, 1, "it was not refused:\n{}", plan.text);
    for expected in expected {
        plan.says(expected);
    }
    assert_eq!(plan.text.matches("Error: ").count(), expected.len(), "{}", plan.text);
    assert_eq!(stage.keys().len(), 0);
}

#[test]
fn a_key_that_does_not_rotate_or_too_seldom_is_refused() {
    refuses(
        "",
        &key("db", "enable_key_rotation = false"),
        &["Error: Key material must rotate automatically
           with secure_kms_key.db,
           on keys.tf line 10, in resource \"secure_kms_key\" \"db\":
           10: enable_key_rotation = false
           Found: automatic rotation off
           Required: automatic rotation on
           Fix: set `enable_key_rotation` to true
           Control: `key-rotation` (medium)"],
    );
    refuses(
        "",
        &key("db", "rotation_period_in_days = 400"),
        &["Error: Key material must rotate automatically
           with secure_kms_key.db,
           on keys.tf line 10, in resource \"secure_kms_key\" \"db\":
           10: rotation_period_in_days = 400
           Found: a rotation period of 400 days
           Required: at most 365 days
           Fix: set `rotation_period_in_days` to 365 or less
           Control: `key-rotation` (medium)"],
    );
}

#[test]
fn a_key_that_is_deleted_too_soon_is_refused() {
    refuses(
        "",
        &key("db", "deletion_window_in_days = 14"),
        &["Error: Deletion must wait long enough to be noticed
           with secure_kms_key.db,
           on keys.tf line 10, in resource \"secure_kms_key\" \"db\":
           10: deletion_window_in_days = 14
           Found: a deletion window of 14 days
           Required: at least 30 days
           Fix: set `deletion_window_in_days` to 30
           Control: `deletion-window` (high)"],
    );
}

#[test]
fn a_key_without_the_agreed_tags_is_refused_at_the_tag() {
    refuses(
        "",
        &key("db", "").replace("local.tags", "merge(local.tags, { Owner = \"\" })"),
        &["Error: Keys must carry the agreed tags
           with secure_kms_key.db,
           on keys.tf line 9, in resource \"secure_kms_key\" \"db\":
           9: tags = merge(local.tags, { Owner = \"\" })
           Found: an empty tag `Owner`
           Required: a tag `Owner` with a value
           Fix: change the value of `Owner` in `tags`
           Control: `required-tags` (low)"],
    );
    refuses(
        "",
        &key("db", "")
            .replace("local.tags", "{ for key, value in local.tags : key => value if key != \"BU\" }"),
        &["Found: no tag `BU`
           Required: a tag `BU` with a value
           Fix: add `BU` to `tags`
           Control: `required-tags` (low)"],
    );
}

/// A policy that delegates to the account and asks for nothing.
const POLICY: &str = r#"key_policy = file("policy.json")"#;
const OPEN: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"kms:*","Resource":"*"}]}"#;

#[test]
fn a_key_policy_without_mfa_or_boundary_is_refused() {
    let stage = Stage::new();
    let environments = r#"controls = {
    environment_boundary = { environments = { dev = "ou-ab12-11111111", prod = "ou-ab12-22222222" } }
"#;
    stage.write("provider.tf", &PROVIDER.replace("controls = {\n", environments));
    stage.write("policy.json", OPEN);
    stage.write("keys.tf", &key("db", POLICY));
    let plan = stage.terraform(&["plan"]);
    assert_eq!(plan.code, 1, "{}", plan.text);
    plan.says(
        "Error: Keys must be used from their own environment
         with secure_kms_key.db,
         on keys.tf line 10, in resource \"secure_kms_key\" \"db\":
         10: key_policy = file(\"policy.json\")
         Found: a key policy that admits principals of other environments
         Required: a Deny to every principal whose `aws:PrincipalOrgPaths` are not like
         `o-a1b2c3d4e5/r-ab12/*ou-ab12-11111111/*`",
    );
    plan.says("Control: `environment-boundary` (critical)");
    plan.says(
        "Error: Critical operations must require MFA
         with secure_kms_key.db,
         on keys.tf line 10, in resource \"secure_kms_key\" \"db\":
         10: key_policy = file(\"policy.json\")
         Found: a key policy that does not deny `kms:DeleteImportedKeyMaterial`, `kms:DisableKey`,
         `kms:DisableKeyRotation`, `kms:ImportKeyMaterial`, `kms:ReplicateKey`, `kms:ScheduleKeyDeletion`,
         `kms:UpdatePrimaryRegion`, `kms:PutKeyPolicy` without MFA",
    );
    plan.says("Control: `mfa-for-critical-operations` (high)");
}

#[test]
fn a_waiver_makes_a_refusal_a_warning_that_names_it() {
    let stage = Stage::new();
    let waiver = r#"provider "kms" {
  waivers = [{
    control     = "key-rotation"
    key         = "alias/dev/payments/db/encryption"
    reason      = "the vendor pins the material"
    approved_by = "Jane Smith"
    expires     = "2999-01-31"
  }]
"#;
    stage.write("provider.tf", &PROVIDER.replace("provider \"kms\" {\n", waiver));
    stage.write("keys.tf", &key("db", "enable_key_rotation = false"));
    stage.apply().says(
        "Warning: Waived: Key material must rotate automatically
         with secure_kms_key.db,
         on keys.tf line 10, in resource \"secure_kms_key\" \"db\":
         10: enable_key_rotation = false
         Found: automatic rotation off
         Required: automatic rotation on
         Waiver: approved by Jane Smith until 2999-01-31: the vendor pins the material
         Control: `key-rotation` (medium)",
    );
    stage.settled();
    assert_eq!(
        stage.state("secure_kms_key.db")["compliance"]["verdicts"]["key-rotation"]["status"],
        "waived"
    );
}

#[test]
fn warnings_take_the_place_of_refusals_where_the_provider_says_so() {
    let stage = Stage::new();
    let warn = "provider \"kms\" {\n  enforcement = \"warn\"\n";
    stage.write("provider.tf", &PROVIDER.replace("provider \"kms\" {\n", warn));
    stage.write("keys.tf", &key("db", "enable_key_rotation = false"));
    stage.apply().says("Warning: Key material must rotate automatically");
    stage.settled();
    assert_eq!(stage.state("secure_kms_key.db")["compliance"]["compliant"], false);
}

#[test]
fn what_aws_never_accepts_is_refused_without_a_provider_that_works() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    stage.write("keys.tf", &key("db", "deletion_window_in_days = 31"));
    let validate = stage.terraform(&["validate"]);
    assert_eq!(validate.code, 1);
    validate.says(
        "Error: The deletion window is not one that AWS accepts
         with secure_kms_key.db,
         on keys.tf line 10, in resource \"secure_kms_key\" \"db\":
         10: deletion_window_in_days = 31
         Found: 31 days.
         Required: 7 to 30 days.",
    );
    stage.write("policy.json", "{\n  \"Statement\": [,]\n}\n");
    stage.write("keys.tf", &key("db", r#"custom_policy = "policy.json""#));
    stage.terraform(&["plan"]).says(
        "Error: The key policy is not valid JSON
         with secure_kms_key.db,
         on keys.tf line 10, in resource \"secure_kms_key\" \"db\":
         10: custom_policy = \"policy.json\"
         Found: a text that is no JSON at line 2, column 17.
         Required: a policy document as JSON.
         Fix: correct it there; or write the policy with `jsonencode`, or read it from its file with `file`.",
    );
    stage.write("keys.tf", &key("db", r#"custom_policy = "none.json""#));
    stage.terraform(&["plan"]).says(&format!(
        "Error: The policy file cannot be read
         with secure_kms_key.db,
         on keys.tf line 10, in resource \"secure_kms_key\" \"db\":
         10: custom_policy = \"none.json\"
         Found: `none.json`, which is `{}`: No such file or directory (os error 2).
         Required: a readable file with a key policy as JSON.
         Fix: correct the name, or the provider's `policies_directory`.",
        stage.place_of("none.json"),
    ));
}

#[test]
fn an_alias_in_use_is_refused_before_anything_is_created() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    stage.write("keys.tf", &key("db", ""));
    stage.apply();
    let holder = stage.state("secure_kms_key.db")["id"].as_str().unwrap().to_owned();
    stage.write(
        "keys.tf",
        &[key("db", ""), key("other", "alias_name = \"dev/payments/db/encryption\"")].concat(),
    );
    let apply = stage.terraform(&["apply", "-auto-approve"]);
    assert_eq!(apply.code, 1);
    apply.says(&format!(
        "Error: The alias is in use
         with secure_kms_key.other,
         on keys.tf line 21, in resource \"secure_kms_key\" \"other\":
         21: alias_name = \"dev/payments/db/encryption\"
         Found: `alias/dev/payments/db/encryption` points at the key `{holder}`.
         Required: an alias that no key has; nothing was created.
         Fix: import that key with the id `alias/dev/payments/db/encryption`, or choose another alias."
    ));
    assert_eq!(stage.keys().len(), 1);
}

#[test]
fn a_given_policy_is_linted_and_what_would_be_public_is_refused() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    let open = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "kms:*", "Resource": "*"},
    {"Sid": "App", "Effect": "Allow", "Principal": "*", "Action": ["kms:Decrypt", "kms:Encypt"], "Resource": "*"},
    {"Sid": "Critical", "Effect": "Deny", "Principal": "*", "Resource": "*",
     "Action": ["kms:DeleteImportedKeyMaterial", "kms:DisableKey", "kms:DisableKeyRotation", "kms:ImportKeyMaterial",
                "kms:PutKeyPolicy", "kms:ReplicateKey", "kms:ScheduleKeyDeletion", "kms:UpdatePrimaryRegion"],
     "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"},
                   "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111111111111:user/operator"}}}
  ]
}
"#;
    stage.write("policy.json", open);
    stage.write("keys.tf", &key("db", POLICY));
    let plan = stage.terraform(&["plan"]);
    assert_eq!(plan.code, 1, "{}", plan.text);
    plan.says(
        "Error: The key policy lets everybody in
         with secure_kms_key.db,
         on keys.tf line 10, in resource \"secure_kms_key\" \"db\":
         10: key_policy = file(\"policy.json\")
         Found: the statement allows `*`, every principal of every AWS account, and nothing limits it: the key is public
         (line 5, column 5, statement `App`).
         Fix: name the account or the roles, or add a condition on `aws:PrincipalOrgID`.
         Rule: Nobody is allowed who is not meant (`no-public-access`).",
    );
    let doubt = "Warning: The key policy likely does not do what is meant
         with secure_kms_key.db,
         on keys.tf line 10, in resource \"secure_kms_key\" \"db\":
         10: key_policy = file(\"policy.json\")
         Found: `kms:Encypt` is none of the KMS actions (line 5, column 83, statement `App`).
         Fix: write `kms:Encrypt`, if that is what is meant.
         Rule: Every action exists and says what it takes in (`actions-known`).";
    plan.says(doubt);
    assert_eq!(plan.text.matches("Error: ").count(), 1, "{}", plan.text);
    let named = open.replace(
        "\"Principal\": \"*\", \"Action\": [\"kms:D",
        "\"Principal\": {\"AWS\": \"111111111111\"}, \"Action\": [\"kms:D",
    );
    stage.write("policy.json", &named);
    stage
        .apply()
        .says("Found: `kms:Encypt` is none of the KMS actions (line 5, column 103, statement `App`).");
    let again = stage.terraform(&["plan"]);
    assert!(!again.text.contains("likely"), "what is in force has been told of:\n{}", again.text);
    stage.settled();
}

#[test]
fn a_tag_that_is_left_to_somebody_else_is_missing_for_that_reason() {
    let stage = Stage::new();
    let ignoring = "provider \"kms\" {\n  ignore_tags {\n    keys = [\"Owner\"]\n  }\n";
    stage.write("provider.tf", &PROVIDER.replace("provider \"kms\" {\n", ignoring));
    stage.write("keys.tf", &key("db", ""));
    stage.terraform(&["plan"]).says(
        "Found: the tag `Owner`, which `ignore_tags` of the provider block leaves to somebody else
         Required: a tag `Owner` with a value
         Fix: take `Owner` out of `ignore_tags`, or out of the tags that the control requires
         Control: `required-tags` (low)",
    );
}

#[test]
fn a_policy_file_that_cannot_be_read_is_told_of_once() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    stage.write("policy.json", "{");
    stage.write("keys.tf", &key("db", r#"custom_policy = "policy.json""#));
    let plan = stage.terraform(&["plan"]);
    assert_eq!((plan.code, plan.text.matches("Error: ").count()), (1, 1), "{}", plan.text);
    plan.says("Found: a text that ends at line 1, column 1, before the policy does.");
}

#[test]
fn a_provider_without_any_environment_says_so() {
    let stage = Stage::new();
    stage.write(
        "provider.tf",
        &PROVIDER.replace("provider \"kms\" {\n", "provider \"kms\" {\n  allowed_environments = []\n"),
    );
    stage.write("keys.tf", &key("db", ""));
    stage.terraform(&["plan"]).says(
        "Found: environment `dev`.
         Required: one of the provider's `allowed_environments`, of which there are none.",
    );
}
