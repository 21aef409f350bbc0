//! `terraform test` of users' own modules, without any AWS.

use crate::secure_kms_key::PROVIDER;
use crate::secure_kms_key::key;
use crate::support::Stage;

#[test]
fn a_module_is_tested_with_a_mocked_provider() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    stage.write(
        "main.tf",
        &format!("{}\noutput \"id\" {{\n  value = secure_kms_key.db.key_id\n}}\n", key("db", "")),
    );
    stage.write(
        "keys.tftest.hcl",
        r#"
mock_provider "kms" {
  mock_resource "secure_kms_key" {
    defaults = {
      key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"
    }
  }
}

run "the_id_is_given_on" {
  assert {
    condition     = output.id == "1234abcd-12ab-34cd-56ef-1234567890ab"
    error_message = "wrong id"
  }
}
"#,
    );
    stage.terraform(&["test"]).succeeded().says("Success! 1 passed, 0 failed.");
}
