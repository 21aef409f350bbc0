//! The data source: a key somebody else made, and what to make of it.

use crate::secure_kms_key::PROVIDER;
use crate::secure_kms_key::key;
use crate::support::Stage;

#[test]
fn a_key_is_found_by_each_of_its_names_with_its_verdicts() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    let data = r#"
data "secure_kms_key" "by_id" {
  provider = kms
  key_id   = secure_kms_key.db.id
}
data "secure_kms_key" "by_arn" {
  provider = kms
  key_id   = secure_kms_key.db.arn
}
data "secure_kms_key" "by_alias" {
  provider   = kms
  alias_name = trimprefix(secure_kms_key.db.alias_name, "alias/")
}
data "secure_kms_key" "by_alias_arn" {
  provider = kms
  key_id   = secure_kms_key.db.alias_arn
}
data "secure_kms_key" "by_names" {
  provider         = kms
  environment_name = secure_kms_key.db.environment_name
  key_team         = "payments"
  key_function     = "db"
  key_purpose      = "encryption"
  lifecycle {
    postcondition {
      condition     = self.compliance.verdicts["key-rotation"].status == "pass"
      error_message = "the key does not rotate"
    }
  }
}
"#;
    stage.write("main.tf", &format!("{}{data}", key("db", "")));
    stage.apply();
    stage.settled();
    let made = stage.state("secure_kms_key.db");
    for name in ["by_id", "by_arn", "by_alias", "by_alias_arn", "by_names"] {
        let found = stage.state(&format!("data.secure_kms_key.{name}"));
        assert_eq!(found["arn"], made["arn"], "{name}");
        assert_eq!(found["alias_arn"], made["alias_arn"], "{name}");
        assert_eq!(found["tags"]["Owner"], "Payments Team", "{name}");
        assert_eq!(found["key_rotation_enabled"], true, "{name}");
        assert_eq!(found["rotation_period_in_days"], 365, "{name}");
        assert_eq!(found["compliance"]["compliant"], true, "{name}");
        assert_eq!(found["compliance"]["verdicts"]["deletion-window"]["status"], "not_applicable", "{name}");
    }
}

#[test]
fn a_key_that_is_not_there_is_an_error_at_its_argument() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    stage.write(
        "main.tf",
        "data \"secure_kms_key\" \"a\" {\n  provider   = kms\n  alias_name = \"none\"\n}\n",
    );
    let plan = stage.terraform(&["plan"]);
    plan.says(
        "Error: There is no such key with data.secure_kms_key.a, on main.tf line 3, in data \"secure_kms_key\" \"a\": \
         3: alias_name = \"none\" Found: nothing named `alias/none` in Region eu-west-1 of account 111111111111. \
         Required: an existing key. Fix: check the name, and the provider's Region and account.",
    );
    stage.write("main.tf", "data \"secure_kms_key\" \"a\" {\n  provider = kms\n}\n");
    stage.terraform(&["validate"]).says("Error: Name the key in one way");
}
