//! The provider's functions under the real Terraform: results, and refusals
//! with the argument they are about.

use serde_json::Value as Json;
use serde_json::json;

use crate::support::Stage;

const REQUIRED: &str =
    "terraform {\n  required_providers {\n    kms = { source = \"keyrail/kms\" }\n  }\n}\n";

fn stage(configuration: &str) -> Stage {
    let stage = Stage::new();
    stage.write("main.tf", &format!("{REQUIRED}{configuration}"));
    stage
}

/// What the expressions are, by name.
fn outputs(expressions: &[(&str, &str)]) -> Json {
    let output =
        |(name, expression): &(&str, &str)| format!("output \"{name}\" {{\n  value = {expression}\n}}\n");
    let stage = stage(&expressions.iter().map(output).collect::<Vec<_>>().concat());
    stage.apply();
    let said = stage.terraform(&["output", "-json"]).succeeded();
    let said: Json = serde_json::from_str(&said.text).unwrap();
    let values =
        said.as_object().unwrap().iter().map(|(name, output)| (name.clone(), output["value"].clone()));
    Json::Object(values.collect())
}

#[test]
fn functions_answer_without_credentials_or_configuration() {
    let deny = r#"jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "Off", Effect = "Deny", Action = ["KMS:disablekey"], Resource = "*" }] })"#;
    let found = outputs(&[
        ("findings", &format!("provider::kms::lint_scp({deny})")),
        ("normal", &format!("provider::kms::normalize_policy({deny})")),
        ("size", &format!("provider::kms::policy_size({deny})")),
        (
            "same",
            &format!(
                "provider::kms::policies_equivalent({deny}, replace({deny}, \"KMS:disablekey\", \"kms:DisableKey\"))"
            ),
        ),
        ("perimeter", "provider::kms::lint_rcp(\"{}\")[0].message"),
    ]);
    assert_eq!(
        found,
        json!({
            "findings": [{
                "rule": "scp-denies-and-spares",
                "severity": "warning",
                "line": 1,
                "column": 15,
                "statement": "Off",
                "message": "nobody is exempt from this Deny of `kms:DisableKey`, neither a pipeline nor break-glass",
                "fix": "add `ArnNotLike` on `aws:PrincipalArn` with the roles that manage keys",
            }],
            "normal": r#"{"Version":"2012-10-17","Statement":[{"Sid":"Off","Effect":"Deny","Action":"kms:DisableKey","Resource":"*"}]}"#,
            "size": 109,
            "same": true,
            "perimeter": "the policy has no `Statement`",
        })
    );
}

#[test]
fn a_key_policy_with_an_error_is_refused_at_its_argument() {
    let stage = stage(
        "output \"policy\" {\n  value = provider::kms::validate_key_policy(<<-EOT\n    {\"Version\": \"2012-10-17\", \"Statement\": {\n      \"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"kms:*\", \"Resource\": \"*\"}}\n  EOT\n  )\n}\n",
    );
    let plan = stage.terraform(&["plan"]);
    assert_eq!(plan.code, 1, "{}", plan.text);
    plan.says(
        "Error: Invalid function argument
           on main.tf line 8, in output \"policy\":",
    );
    plan.says(
        "Invalid value for \"policy\" parameter: the key policy has an error:
           line 1, column 40, statement `1`: the statement allows `*`, every principal of every AWS account, and nothing
           limits it: the key is public; name the account or the roles, or add a condition on `aws:PrincipalOrgID`
           (no-public-access)",
    );
}

#[test]
fn the_second_argument_is_blamed_for_what_is_its_own() {
    let stage = stage(
        "output \"same\" {\n  value = provider::kms::policies_equivalent(\n    \"{\\\"Statement\\\":{\\\"Effect\\\":\\\"Deny\\\"}}\",\n    \"none\",\n  )\n}\n",
    );
    let plan = stage.terraform(&["plan"]);
    assert_eq!(plan.code, 1, "{}", plan.text);
    plan.says(
        "Invalid value for \"other\" parameter: the text is not a policy: line 1, column 1: found `n`, expected a JSON
           value.",
    );
}
