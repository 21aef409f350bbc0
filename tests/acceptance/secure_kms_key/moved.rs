//! `moved` from `aws_kms_key` of hashicorp/aws, through Terraform itself.

use serde_json::json;

use crate::secure_kms_key::PROVIDER;
use crate::secure_kms_key::key;
use crate::support::ACCOUNT;
use crate::support::Stage;

#[test]
fn a_key_of_the_aws_provider_becomes_a_secure_one_and_is_changed_in_place() {
    let stage = Stage::new();
    stage.stand_in("hashicorp/aws");
    stage.write("provider.tf", PROVIDER);
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"Root","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{ACCOUNT}:root"}},"Action":"kms:*","Resource":"*"}}]}}"#
    );
    let request = keyrail::aws::CreateKey {
        description: "made by hashicorp/aws".to_owned(),
        policy: policy.clone(),
        tags: [("Team".to_owned(), "payments".to_owned())].into(),
        spec: keyrail::model::key::KeySpec::SymmetricDefault,
        usage: keyrail::model::key::KeyUsage::EncryptDecrypt,
        multi_region: false,
        bypass_lockout_check: false,
    };
    let made = stage.wait(stage.kms().create_key(&request)).unwrap();
    stage.write("terraform.tfstate", &state_of_the_aws_provider(&made, &policy).to_string());
    let moved = "moved {\n  from = aws_kms_key.db\n  to   = secure_kms_key.db\n}\n";
    stage.write("main.tf", &format!("{moved}{}", key("db", "")));

    let plan = stage.plan();
    let change = &plan["resource_changes"][0];
    assert_eq!(change["previous_address"], "aws_kms_key.db");
    assert_eq!(change["change"]["actions"], json!(["update"]));
    assert_eq!(change["change"]["before"]["id"], made.id.to_string());
    assert_eq!(change["change"]["before"]["description"], "made by hashicorp/aws");
    stage.apply();
    stage.settled();
    let seen = stage.state("secure_kms_key.db");
    assert_eq!(seen["id"], made.id.to_string());
    assert_eq!(seen["compliance"]["compliant"], true);
    let keys = stage.keys();
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0]["rotation_period_in_days"], 365);
    assert_eq!(keys[0]["aliases"][0], "alias/dev/payments/db/encryption");
    assert_eq!(stage.state("aws_kms_key.db"), json!(null));
}

fn state_of_the_aws_provider(made: &keyrail::model::key::KeyMetadata, policy: &str) -> serde_json::Value {
    // As hashicorp/aws 6 writes it.
    let attributes = json!({
        "arn": made.arn.to_string(),
        "bypass_policy_lockout_safety_check": false,
        "custom_key_store_id": "",
        "customer_master_key_spec": "SYMMETRIC_DEFAULT",
        "deletion_window_in_days": 30,
        "description": "made by hashicorp/aws",
        "enable_key_rotation": false,
        "id": made.id.to_string(),
        "is_enabled": true,
        "key_id": made.id.to_string(),
        "key_usage": "ENCRYPT_DECRYPT",
        "multi_region": false,
        "policy": policy,
        "region": "eu-west-1",
        "rotation_period_in_days": 0,
        "tags": {"Team": "payments"},
        "tags_all": {"Team": "payments"},
        "timeouts": null,
        "xks_key_id": "",
    });
    let resource = json!({
        "mode": "managed",
        "type": "aws_kms_key",
        "name": "db",
        "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
        "instances": [{"schema_version": 0, "attributes": attributes, "sensitive_attributes": []}],
    });
    json!({
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 1,
        "lineage": "0f4bd2a6-5a3a-4f0c-9d6e-3a1f2b3c4d5e",
        "outputs": {},
        "resources": [resource],
    })
}
