//! States of `aws_kms_key` as the major versions of hashicorp/aws write them.

use super::moved;
use crate::provider::resources::secure_kms_key::model::Model;
use crate::tf::Field;
use crate::tf::calls::{MoveRequest, RawState};

fn request(provider: &str, kind: &str, state: &str) -> MoveRequest {
    MoveRequest {
        source_provider: provider.to_owned(),
        source_type: kind.to_owned(),
        source_version: 0,
        source_state: RawState::new(state),
        source_private: Vec::new(),
    }
}

const V4: &str = r#"{"arn":"arn:aws:kms:eu-west-1:222222222222:key/1234abcd-12ab-34cd-56ef-1234567890ab","bypass_policy_lockout_safety_check":false,"custom_key_store_id":"","customer_master_key_spec":"SYMMETRIC_DEFAULT","deletion_window_in_days":14,"description":"d","enable_key_rotation":true,"id":"1234abcd-12ab-34cd-56ef-1234567890ab","is_enabled":true,"key_id":"1234abcd-12ab-34cd-56ef-1234567890ab","key_usage":"ENCRYPT_DECRYPT","multi_region":false,"policy":"{}","tags":{},"tags_all":{}}"#;
const V6: &str = r#"{"id":"1234abcd-12ab-34cd-56ef-1234567890ab","deletion_window_in_days":null,"region":"eu-west-1","rotation_period_in_days":365,"timeouts":null,"xks_key_id":""}"#;

#[test]
fn a_key_of_the_aws_provider_keeps_its_id_and_what_aws_does_not_store() {
    for (state, window) in [(V4, Field::Known(14)), (V6, Field::Null)] {
        for host in ["registry.terraform.io", "registry.opentofu.org"] {
            let moved = moved(&request(&format!("{host}/hashicorp/aws"), "aws_kms_key", state)).unwrap();
            let state = Model::read(&moved).unwrap();
            assert_eq!(state.id, Field::Known("1234abcd-12ab-34cd-56ef-1234567890ab".to_owned()));
            assert_eq!(state.deletion_window_in_days, window);
            assert_eq!(state.region, Field::Known("eu-west-1".to_owned()));
            // The refresh that follows takes the key over as after an import.
            assert_eq!(state.key_arn, Field::Null);
        }
    }
}

#[test]
fn anything_else_is_refused() {
    let detail = |request: &MoveRequest| moved(request).unwrap_err().detail;
    assert_eq!(
        detail(&request("registry.terraform.io/hashicorp/aws", "aws_kms_alias", V4)),
        "Found: a `aws_kms_alias` of the provider `registry.terraform.io/hashicorp/aws`.\nRequired: an `aws_kms_key` of \
         the provider hashicorp/aws."
    );
    assert!(detail(&request("example.com/evil/aws", "aws_kms_key", V4)).contains("example.com/evil/aws"));
    assert_eq!(
        detail(&request("registry.terraform.io/hashicorp/aws", "aws_kms_key", "{}")),
        "Found: a state without a key id: `` is not a key id; expected a UUID such as \
         `1234abcd-12ab-34cd-56ef-1234567890ab`, or `mrk-` and 32 hexadecimal digits.\nRequired: an `aws_kms_key` of the \
         provider hashicorp/aws."
    );
    assert!(detail(&request("registry.terraform.io/hashicorp/aws", "aws_kms_key", "x")).contains("no JSON"));
}
