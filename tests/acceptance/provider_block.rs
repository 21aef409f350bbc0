//! What is wrong in the provider block, in the words that users read.

use serde_json::Value as Json;
use serde_json::json;

use crate::support::Said;
use crate::support::Stage;

/// A provider block with `arguments`, which begin on its second line, and
/// something that uses it: Terraform looks at no other.
fn provider(arguments: &str) -> String {
    format!(
        "provider \"kms\" {{\n{arguments}\n}}\n\ndata \"kms_audit\" \"all\" {{}}\n\nvariable \"later\" {{\n  type = any\n}}\n\nterraform {{\n  \
         required_providers {{\n    kms = {{ source = \"keyrail/kms\" }}\n  }}\n}}\n"
    )
}

/// What `validate` says of a provider block; refused with one diagnostic, in exactly these words.
#[track_caller]
fn refused(arguments: &str, expected: &str) {
    let said = validated(arguments);
    assert_eq!(said.code, 1, "it was not refused:\n{}", said.text);
    said.says(expected);
    assert_eq!(said.text.matches("Error: ").count(), 1, "{}", said.text);
}

fn validated(arguments: &str) -> Said {
    let stage = Stage::new();
    stage.write("main.tf", &provider(arguments));
    stage.terraform(&["validate"])
}

#[test]
fn an_unknown_control_is_refused() {
    refused(
        "  controls = { key_rotatoin = { max_period_in_days = 365 } }",
        "Error: Unknown control
         with provider[\"registry.terraform.io/keyrail/kms\"],
         on main.tf line 2, in provider \"kms\":
         2: controls = { key_rotatoin = { max_period_in_days = 365 } }
         At `controls.key_rotatoin`: there is no control `key_rotatoin`. Did you mean `key_rotation`? The controls are
         `deletion_window`, `environment_boundary`, `key_rotation`, `mfa`, `required_tags`.",
    );
}

#[test]
fn an_unknown_setting_is_refused() {
    refused(
        "  controls = { key_rotation = { max_days = 365 } }",
        "Error: Unknown setting of a control
         with provider[\"registry.terraform.io/keyrail/kms\"],
         on main.tf line 2, in provider \"kms\":
         2: controls = { key_rotation = { max_days = 365 } }
         At `controls.key_rotation.max_days`: the control `key-rotation` has no setting `max_days`. Its settings are
         `max_period_in_days`, `min_period_in_days`.",
    );
}

#[test]
fn values_of_another_type_are_refused() {
    refused(
        "  controls = { key_rotation = { max_period_in_days = \"365\" } }",
        "Error: Invalid setting of a control
         with provider[\"registry.terraform.io/keyrail/kms\"],
         on main.tf line 2, in provider \"kms\":
         2: controls = { key_rotation = { max_period_in_days = \"365\" } }
         At `controls.key_rotation.max_period_in_days`: found is the string `\"365\"`; required is a whole number from
         90 to 2560. Write it as `max_period_in_days = 365`.",
    );
    refused(
        "  controls = { required_tags = { keys = { Owner = \"me\" } } }",
        "At `controls.required_tags.keys`: found is an object; required is a set of strings. Write it as `keys =
         [\"…\"]`.",
    );
    refused(
        "  controls = { required_tags = { keys = tomap({ Owner = \"me\" }) } }",
        "At `controls.required_tags.keys`: found is a map; required is a set of strings. Write it as `keys =
         [\"…\"]`.",
    );
}

#[test]
fn a_number_out_of_range_is_refused_with_the_range() {
    refused(
        "  controls = { key_rotation = { max_period_in_days = 90.5 } }",
        "Error: Invalid setting of a control
         with provider[\"registry.terraform.io/keyrail/kms\"],
         on main.tf line 2, in provider \"kms\":
         2: controls = { key_rotation = { max_period_in_days = 90.5 } }
         At `controls.key_rotation.max_period_in_days`: found is `90.5`; required is a whole number from 90 to 2560.",
    );
    refused(
        "  controls = { deletion_window = { min_days = 31 } }",
        "At `controls.deletion_window.min_days`: found is `31`; required is a whole number from 7 to 30.",
    );
}

#[test]
fn a_mistake_beside_something_unknown_is_refused_all_the_same() {
    refused(
        "  controls = { required_tags = { keys = [var.later, null] }, mfa = var.later }",
        "At `controls.required_tags.keys[1]`: found is null; required is a string. Write it as `keys = [\"…\"]`.",
    );
}

#[test]
fn null_and_every_way_to_write_an_object_are_taken() {
    for arguments in [
        "controls = null",
        "controls = var.later",
        "controls = {}",
        "controls = { key_rotation = null, mfa = { exempt_principal_arns = null } }",
        "controls = tomap({ required_tags = tomap({ keys = toset([\"Owner\"]) }) })",
        "controls = jsondecode(jsonencode({ required_tags = { allowed_values = { Owner = [\"a\"] } } }))",
        "controls = merge({ deletion_window = { min_days = 7 } }, { mfa = {} })",
    ] {
        validated(arguments).succeeded();
    }
}

#[test]
fn an_alias_format_with_an_unknown_placeholder_is_refused() {
    refused(
        "  alias_format = \"{environment}/{taem}\"",
        "Error: Invalid alias format
         with provider[\"registry.terraform.io/keyrail/kms\"],
         on main.tf line 2, in provider \"kms\":
         2: alias_format = \"{environment}/{taem}\"
         Found is the placeholder `{taem}` in `alias_format`; required is one of `{environment}`, `{team}`,
         `{function}`, `{purpose}`.",
    );
}

#[test]
fn a_default_tag_that_no_key_can_have_is_refused() {
    refused(
        "  default_tags {\n    tags = { Owner = null }\n  }",
        "Error: The tag has no value
         with provider[\"registry.terraform.io/keyrail/kms\"],
         on main.tf line 3, in provider \"kms\":
         3: tags = { Owner = null }
         Found is `Owner = null`; required is a text, which may be empty, or no such tag.",
    );
}

#[test]
fn the_organisation_is_needed_for_no_plan_without_keys_and_aws_for_no_validation() {
    let stage = Stage::new();
    stage.control(
        "POST",
        "faults",
        &json!([{"operation": "DescribeOrganization", "times": 100, "fault": "access_denied"}]),
    );
    stage.write(
        "main.tf",
        &provider(
            "  controls = { environment_boundary = { environments = { dev = \"ou-ab12-11111111\" } } }",
        ),
    );
    let calls = || stage.control("GET", "state", &Json::Null)["calls"].clone();
    stage.terraform(&["validate"]).succeeded();
    assert_eq!(calls(), json!({}));
    stage.terraform(&["plan", "-var=later=1"]).succeeded();
    let calls = calls();
    assert_eq!(calls["organizations:DescribeOrganization AccessDeniedException"], 1, "{calls}");
}

#[test]
fn two_environments_in_one_place_are_refused_with_both_names() {
    let told = |environments: &str| {
        let stage = Stage::new();
        stage.write(
            "main.tf",
            &provider(&format!(
                "  controls = {{ environment_boundary = {{ environments = {{ {environments} }} }} }}"
            )),
        );
        let plan = stage.terraform(&["plan", "-var=later=1"]);
        assert_eq!((plan.code, plan.text.matches("Error: ").count()), (1, 1), "{}", plan.text);
        plan
    };
    told("dev = \"ou-ab12-11111111\", prod = \"ou-ab12-11111111\"").says(
        "Error: Invalid setting of a control
         with provider[\"registry.terraform.io/keyrail/kms\"],
         on main.tf line 2, in provider \"kms\":",
    );
    told("dev = \"ou-ab12-11111111\", prod = \"ou-ab12-11111111\"").says(
        "At `controls.environment_boundary.environments`: found is `prod` in the place of `dev`; required is a place of
         its own for each environment, none below another.",
    );
    let above =
        "dev = \"o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-33333333/\", prod = \"ou-ab12-11111111\"";
    told(above).says("found is `dev` in the place of `prod`;");
}

#[test]
fn a_fips_endpoint_at_an_address_of_ones_own_is_refused() {
    let stage = Stage::new();
    stage.write("main.tf", &provider("  use_fips_endpoint = true"));
    let plan = stage.terraform(&["plan", "-var=later=1"]);
    assert_eq!((plan.code, plan.text.matches("Error: ").count()), (1, 1), "{}", plan.text);
    plan.says(
        "Error: A FIPS endpoint at an address of your own
         with provider[\"registry.terraform.io/keyrail/kms\"],
         on main.tf line 2, in provider \"kms\":
         2: use_fips_endpoint = true
         `use_fips_endpoint` is true (or `AWS_USE_FIPS_ENDPOINT`), and `AWS_ENDPOINT_URL` gives an address. Required is
         one of them: AWS's FIPS endpoints have addresses of their own. Remove one.",
    );
}
