use proptest::prelude::any;
use proptest::prelude::prop_oneof;
use proptest::strategy::Strategy as _;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::state::Call;
use crate::sandbox::state::World;
use crate::sandbox::testing::DEV;
use crate::sandbox::testing::MANAGEMENT;
use crate::sandbox::testing::PROD;
use crate::sandbox::testing::kms;
use crate::sandbox::testing::new_key;
use crate::sandbox::testing::organizations;
use crate::sandbox::testing::refused;
use crate::sandbox::testing::role;
use crate::sandbox::testing::world;

fn started() -> (World, Call, String) {
    let mut world = world();
    let id =
        new_key(&mut world, json!({"Description": "d", "Tags": [{"TagKey": "Owner", "TagValue": "me"}]}));
    let call = role(&world, DEV, "terraform");
    (world, call, id)
}

fn arn(id: &str) -> String {
    format!("arn:aws:kms:eu-west-1:{DEV}:key/{id}")
}

fn state(world: &mut World, call: &Call, id: &str) -> String {
    let answer = kms(world, call, "DescribeKey", json!({"KeyId": id})).unwrap();
    answer.pointer("/KeyMetadata/KeyState").unwrap().as_str().unwrap().to_owned()
}

#[test]
fn a_new_key_is_symmetric_enabled_and_does_not_rotate() {
    let (mut world, call, id) = started();
    let answer = kms(&mut world, &call, "DescribeKey", json!({"KeyId": id})).unwrap();
    let metadata = answer.get("KeyMetadata").unwrap();
    for (member, value) in [
        ("Arn", json!(arn(&id))),
        ("AWSAccountId", json!(DEV)),
        ("KeyState", json!("Enabled")),
        ("KeySpec", json!("SYMMETRIC_DEFAULT")),
        ("KeyUsage", json!("ENCRYPT_DECRYPT")),
        ("Origin", json!("AWS_KMS")),
        ("KeyManager", json!("CUSTOMER")),
        ("MultiRegion", json!(false)),
    ] {
        assert_eq!(metadata.get(member), Some(&value), "{member}");
    }
    let rotation = kms(&mut world, &call, "GetKeyRotationStatus", json!({"KeyId": id})).unwrap();
    assert_eq!(rotation, json!({"KeyId": arn(&id), "KeyRotationEnabled": false}));
}

#[test]
fn keys_are_named_by_id_arn_alias_and_alias_arn_and_by_nothing_else() {
    let (mut world, call, id) = started();
    kms(&mut world, &call, "CreateAlias", json!({"AliasName": "alias/app", "TargetKeyId": id})).unwrap();
    let alias_arn = format!("arn:aws:kms:eu-west-1:{DEV}:alias/app");
    for name in [id.clone(), arn(&id), "alias/app".to_owned(), alias_arn.clone()] {
        assert!(kms(&mut world, &call, "DescribeKey", json!({"KeyId": name})).is_ok(), "{name}");
    }
    let missing = "1234abcd-12ab-34cd-56ef-1234567890ab";
    for (operation, name, code, message) in [
        ("DescribeKey", "nonsense", "NotFoundException", "Invalid keyId 'nonsense'".to_owned()),
        ("DescribeKey", missing, "NotFoundException", format!("Key '{}' does not exist", arn(missing))),
        (
            "DescribeKey",
            "alias/b",
            "NotFoundException",
            format!("Alias arn:aws:kms:eu-west-1:{DEV}:alias/b is not found."),
        ),
        ("EnableKey", "alias/app", "NotFoundException", "Invalid keyId 'alias/app'".to_owned()),
        ("EnableKey", &alias_arn, "InvalidArnException", format!("Invalid arn {alias_arn}")),
        (
            "DescribeKey",
            &arn(&id).replace("eu-west-1", "us-east-1"),
            "NotFoundException",
            "Invalid arn us-east-1".to_owned(),
        ),
    ] {
        assert_eq!(refused(kms(&mut world, &call, operation, json!({"KeyId": name}))), (code, message));
    }
}

#[test]
fn members_outside_the_model_are_refused() {
    let (mut world, call, id) = started();
    for (operation, input, code) in [
        ("CreateKey", json!({"Tags": "x"}), "SerializationException"),
        ("CreateKey", json!({"KeySpec": "AES"}), "ValidationException"),
        ("CreateKey", json!({"KeySpec": "RSA_2048"}), "ValidationException"),
        (
            "CreateKey",
            json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "ENCRYPT_DECRYPT"}),
            "ValidationException",
        ),
        (
            "CreateKey",
            json!({"KeySpec": "RSA_2048", "CustomerMasterKeySpec": "RSA_2048"}),
            "ValidationException",
        ),
        (
            "CreateKey",
            json!({"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": "cks-1"}),
            "CustomKeyStoreNotFoundException",
        ),
        ("CreateKey", json!({"Tags": [{"TagKey": "aws:x", "TagValue": ""}]}), "TagException"),
        (
            "CreateKey",
            json!({"Tags": [{"TagKey": "a", "TagValue": ""}, {"TagKey": "a", "TagValue": ""}]}),
            "TagException",
        ),
        ("CreateKey", json!({"Policy": "{"}), "MalformedPolicyDocumentException"),
        ("CreateKey", json!({"Policy": "{\"a\": \"\u{4e2d}\"}"}), "ValidationException"),
        ("CreateKey", json!({"Policy": " ".repeat(32_769)}), "LimitExceededException"),
        ("DescribeKey", json!({}), "ValidationException"),
        ("ScheduleKeyDeletion", json!({"KeyId": id, "PendingWindowInDays": 6}), "ValidationException"),
        ("EnableKeyRotation", json!({"KeyId": id, "RotationPeriodInDays": 89}), "ValidationException"),
        ("ListKeys", json!({"Limit": 0}), "ValidationException"),
        ("ListKeys", json!({"Marker": "%%"}), "InvalidMarkerException"),
        ("GetKeyPolicy", json!({"KeyId": id, "PolicyName": "AWS_RAM"}), "NotFoundException"),
        ("Sign", json!({"KeyId": id}), "UnknownOperationException"),
    ] {
        let (found, message) = refused(kms(&mut world, &call, operation, input.clone()));
        assert_eq!(found, code, "{operation} {input}: {message}");
    }
    let (_, message) = refused(kms(
        &mut world,
        &call,
        "ScheduleKeyDeletion",
        json!({"KeyId": id, "PendingWindowInDays": 6}),
    ));
    assert_eq!(
        message,
        "1 validation error detected: Value '6' at 'pendingWindowInDays' failed to satisfy constraint: Member must have \
         value greater than or equal to 7"
    );
}

#[test]
fn rotation_has_a_period_that_a_call_without_one_keeps() {
    let (mut world, call, id) = started();
    let period = |world: &mut World| {
        let status = kms(world, &call, "GetKeyRotationStatus", json!({"KeyId": id})).unwrap();
        status.get("RotationPeriodInDays").and_then(Value::as_i64)
    };
    kms(&mut world, &call, "EnableKeyRotation", json!({"KeyId": id})).unwrap();
    assert_eq!(period(&mut world), Some(365));
    kms(&mut world, &call, "EnableKeyRotation", json!({"KeyId": id, "RotationPeriodInDays": 90})).unwrap();
    kms(&mut world, &call, "EnableKeyRotation", json!({"KeyId": id})).unwrap();
    assert_eq!(period(&mut world), Some(90));
    assert!(world.clock.advance(200 * 86_400));
    let rotations = kms(&mut world, &call, "ListKeyRotations", json!({"KeyId": id})).unwrap();
    assert_eq!(rotations.get("Rotations").unwrap().as_array().unwrap().len(), 2);
    kms(&mut world, &call, "DisableKeyRotation", json!({"KeyId": id})).unwrap();
    assert_eq!(period(&mut world), None);
    let asymmetric = new_key(&mut world, json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}));
    let (code, _) = refused(kms(&mut world, &call, "EnableKeyRotation", json!({"KeyId": asymmetric})));
    assert_eq!(code, "UnsupportedOperationException");
}

#[test]
fn the_key_state_decides_what_works() {
    let (mut world, call, id) = started();
    kms(&mut world, &call, "DisableKey", json!({"KeyId": id})).unwrap();
    for operation in ["EnableKeyRotation", "Encrypt", "CreateGrant"] {
        let input = json!({"KeyId": id, "Plaintext": "YQ==", "GranteePrincipal": format!("arn:aws:iam::{DEV}:root"), "Operations": ["Encrypt"]});
        let refusal = refused(kms(&mut world, &call, operation, input));
        assert_eq!(refusal, ("DisabledException", format!("{} is disabled.", arn(&id))), "{operation}");
    }
    let scheduled = kms(&mut world, &call, "ScheduleKeyDeletion", json!({"KeyId": id})).unwrap();
    assert_eq!(scheduled.get("PendingWindowInDays"), Some(&json!(30)));
    for operation in [
        "EnableKey",
        "DisableKey",
        "EnableKeyRotation",
        "TagResource",
        "UpdateKeyDescription",
        "ScheduleKeyDeletion",
        "CreateAlias",
    ] {
        let input =
            json!({"KeyId": id, "TargetKeyId": id, "AliasName": "alias/x", "Tags": [], "Description": ""});
        let refusal = refused(kms(&mut world, &call, operation, input));
        let pending = format!("{} is pending deletion.", arn(&id));
        assert_eq!(refusal, ("KMSInvalidStateException", pending), "{operation}");
    }
    kms(&mut world, &call, "CancelKeyDeletion", json!({"KeyId": id})).unwrap();
    assert_eq!(state(&mut world, &call, &id), "Disabled");
    let refusal = refused(kms(&mut world, &call, "CancelKeyDeletion", json!({"KeyId": id})));
    assert_eq!(refusal, ("KMSInvalidStateException", format!("{} is not pending deletion.", arn(&id))));
}

#[test]
fn a_key_is_gone_with_its_aliases_when_its_day_has_come() {
    let (mut world, call, id) = started();
    kms(&mut world, &call, "CreateAlias", json!({"AliasName": "alias/app", "TargetKeyId": id})).unwrap();
    kms(&mut world, &call, "ScheduleKeyDeletion", json!({"KeyId": id, "PendingWindowInDays": 7})).unwrap();
    assert!(world.clock.advance(7 * 86_400 - 60));
    assert_eq!(state(&mut world, &call, "alias/app"), "PendingDeletion");
    assert!(world.clock.advance(120));
    assert_eq!(refused(kms(&mut world, &call, "DescribeKey", json!({"KeyId": id}))).0, "NotFoundException");
    assert_eq!(
        refused(kms(&mut world, &call, "DescribeKey", json!({"KeyId": "alias/app"}))).0,
        "NotFoundException"
    );
}

#[test]
fn an_alias_is_unique_and_never_one_of_awss_own() {
    let (mut world, call, id) = started();
    let other = new_key(&mut world, json!({}));
    let create = |world: &mut World, name: &str, id: &str| {
        kms(world, &call, "CreateAlias", json!({"AliasName": name, "TargetKeyId": id}))
    };
    create(&mut world, "alias/app", &id).unwrap();
    let message = format!("An alias with the name arn:aws:kms:eu-west-1:{DEV}:alias/app already exists");
    assert_eq!(refused(create(&mut world, "alias/app", &other)), ("AlreadyExistsException", message));
    assert_eq!(refused(create(&mut world, "alias/aws/app", &id)).0, "NotAuthorizedException");
    assert_eq!(refused(create(&mut world, "app", &id)).0, "ValidationException");
    kms(&mut world, &call, "UpdateAlias", json!({"AliasName": "alias/app", "TargetKeyId": other})).unwrap();
    let of_key = kms(&mut world, &call, "ListAliases", json!({"KeyId": other})).unwrap();
    assert_eq!(of_key.pointer("/Aliases/0/TargetKeyId"), Some(&json!(other)));
    let all = kms(&mut world, &call, "ListAliases", json!({"Limit": 100})).unwrap();
    let aliases = all.get("Aliases").unwrap().as_array().unwrap();
    let unused = aliases.iter().find(|alias| alias.get("AliasName") == Some(&json!("alias/aws/s3"))).unwrap();
    assert_eq!(unused.get("TargetKeyId"), None);
    kms(&mut world, &call, "DeleteAlias", json!({"AliasName": "alias/app"})).unwrap();
}

#[test]
fn naming_an_alias_of_awss_makes_a_key_that_cannot_be_changed() {
    let (mut world, call, _) = started();
    let answer = kms(&mut world, &call, "DescribeKey", json!({"KeyId": "alias/aws/s3"})).unwrap();
    assert_eq!(answer.pointer("/KeyMetadata/KeyManager"), Some(&json!("AWS")));
    let id = answer.pointer("/KeyMetadata/KeyId").unwrap();
    assert_eq!(
        refused(kms(&mut world, &call, "ScheduleKeyDeletion", json!({"KeyId": id}))).0,
        "AccessDeniedException"
    );
}

#[test]
fn lists_come_in_pages() {
    let (mut world, call, _) = started();
    for _ in 0..4 {
        new_key(&mut world, json!({}));
    }
    let mut seen = Vec::new();
    let mut input = json!({"Limit": 2});
    loop {
        let page = kms(&mut world, &call, "ListKeys", input.clone()).unwrap();
        let keys = page.get("Keys").unwrap().as_array().unwrap().clone();
        seen.push(keys.len());
        let Some(marker) = page.get("NextMarker") else { break };
        input = json!({"Limit": 2, "Marker": marker});
    }
    assert_eq!(seen, [2, 2, 1]);
}

#[test]
fn a_policy_comes_back_in_kmss_layout() {
    let (mut world, call, id) = started();
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"AWS": [DEV, format!("arn:aws:iam::{DEV}:role/developer")]},
        "Action": ["kms:*"], "Resource": ["*"], "Condition": {"Bool": {"aws:ViaAWSService": [false]}}}, {
        "Effect": "Allow", "Principal": {"AWS": DEV}, "Action": "kms:*", "Resource": "*"}]});
    kms(&mut world, &call, "PutKeyPolicy", json!({"KeyId": id, "Policy": policy.to_string()})).unwrap();
    let answer = kms(&mut world, &call, "GetKeyPolicy", json!({"KeyId": id})).unwrap();
    let text = answer.get("Policy").unwrap().as_str().unwrap();
    assert!(text.starts_with("{\n  \"Version\" : \"2012-10-17\",\n  \"Statement\" : [ {\n"), "{text}");
    let read: Value = serde_json::from_str(text).unwrap();
    assert_eq!(read.pointer("/Statement/0/Action"), Some(&json!("kms:*")));
    assert_eq!(read.pointer("/Statement/0/Condition/Bool/aws:ViaAWSService"), Some(&json!("false")));
    assert_eq!(read.pointer("/Statement/1/Principal/AWS"), Some(&json!(format!("arn:aws:iam::{DEV}:root"))));
}

#[test]
fn a_key_is_not_made_with_a_policy_that_locks_its_maker_out() {
    let mut world = world();
    let call = role(&world, DEV, "terraform");
    for principal in [format!("arn:aws:iam::{DEV}:role/auditor"), format!("arn:aws:iam::{PROD}:root")] {
        let policy = json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:*", "Resource": "*"}});
        let tags = json!([{"TagKey": "Owner", "TagValue": "me"}]);
        let made = kms(&mut world, &call, "CreateKey", json!({"Policy": policy.to_string(), "Tags": tags}));
        let locked =
            "The new key policy will not allow you to update the key policy in the future.".to_owned();
        assert_eq!(refused(made), ("MalformedPolicyDocumentException", locked));
    }
    assert_eq!(world.kms.all().count(), 0);
}

#[test]
fn a_new_key_is_governed_by_its_own_policy_only_once_it_is_there() {
    let mut world = world();
    let call = role(&world, DEV, "terraform");
    let tags = json!([{"TagKey": "Owner", "TagValue": "me"}]);
    for (principal, action, bypass) in [("terraform", "kms:PutKeyPolicy", false), ("auditor", "kms:*", true)]
    {
        let policy = json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{DEV}:role/{principal}")},
            "Action": action, "Resource": "*"}});
        let input = json!({
            "Policy": policy.to_string(), "Tags": tags, "BypassPolicyLockoutSafetyCheck": bypass});
        let made = kms(&mut world, &call, "CreateKey", input).unwrap();
        let id = made.pointer("/KeyMetadata/KeyId").unwrap();
        let tagged = kms(&mut world, &call, "TagResource", json!({"KeyId": id, "Tags": tags}));
        assert_eq!(refused(tagged).0, "AccessDeniedException", "{principal}");
    }
    let call = role(&world, DEV, "auditor");
    assert_eq!(refused(kms(&mut world, &call, "CreateKey", json!({}))).0, "AccessDeniedException");
}

#[test]
fn policies_that_lock_out_or_name_nobody_are_refused() {
    let (mut world, call, id) = started();
    let put = |world: &mut World, principal: &str, action: &str, bypass: bool| {
        let policy = json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, "Resource": "*"}});
        let input =
            json!({"KeyId": id, "Policy": policy.to_string(), "BypassPolicyLockoutSafetyCheck": bypass});
        kms(world, &call, "PutKeyPolicy", input)
    };
    let root = format!("arn:aws:iam::{DEV}:root");
    let locked = "The new key policy will not allow you to update the key policy in the future.".to_owned();
    let nobody = "Policy contains a statement with one or more invalid principals.".to_owned();
    assert_eq!(
        refused(put(&mut world, &root, "kms:Encrypt", false)),
        ("MalformedPolicyDocumentException", locked)
    );
    for principal in [
        format!("arn:aws:iam::{DEV}:role/nobody"),
        "AROAAAAAAAAAAAAAAAAAA".to_owned(),
        format!("arn:aws:iam::{DEV}:role/*"),
    ] {
        assert_eq!(
            refused(put(&mut world, &principal, "kms:*", false)),
            ("MalformedPolicyDocumentException", nobody.clone())
        );
    }
    assert_eq!(put(&mut world, &root, "kms:Encrypt", true), Ok(Value::Null));
    let denied = refused(put(&mut world, &root, "kms:*", false));
    assert_eq!(denied.0, "AccessDeniedException");
    assert_eq!(
        denied.1,
        format!(
            "User: arn:aws:sts::{DEV}:assumed-role/terraform/test is not authorized to perform: kms:PutKeyPolicy on \
             resource: {} because no resource-based policy allows the kms:PutKeyPolicy action",
            arn(&id)
        )
    );
}

#[test]
fn a_deleted_role_leaves_its_unique_id_in_the_policy() {
    let (mut world, call, id) = started();
    let developer = format!("arn:aws:iam::{DEV}:role/developer");
    let unique = world.principals.unique_id_of(&developer).unwrap().to_owned();
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": DEV}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"AWS": developer}, "Action": "kms:Encrypt", "Resource": "*"}]});
    kms(&mut world, &call, "PutKeyPolicy", json!({"KeyId": id, "Policy": policy.to_string()})).unwrap();
    assert!(world.principals.delete_role(&developer));
    world.kms.principals_changed(&world.principals);
    let answer = kms(&mut world, &call, "GetKeyPolicy", json!({"KeyId": id})).unwrap();
    assert!(answer.get("Policy").unwrap().as_str().unwrap().contains(&format!("\"AWS\" : \"{unique}\"")));
}

#[test]
fn a_grant_is_idempotent_by_name_and_gives_what_it_lists() {
    let (mut world, call, id) = started();
    let developer = role(&world, PROD, "developer");
    let input = json!({"KeyId": id, "GranteePrincipal": format!("arn:aws:iam::{PROD}:role/developer"),
        "Operations": ["Encrypt", "DescribeKey"], "Name": "n"});
    let first = kms(&mut world, &call, "CreateGrant", input.clone()).unwrap();
    assert_eq!(kms(&mut world, &call, "CreateGrant", input).unwrap(), first);
    let encrypt = json!({"KeyId": arn(&id), "Plaintext": "YQ=="});
    assert!(kms(&mut world, &developer, "Encrypt", encrypt.clone()).is_ok());
    let list = kms(&mut world, &call, "ListGrants", json!({"KeyId": id})).unwrap();
    assert_eq!(list.pointer("/Grants/0/Name"), Some(&json!("n")));
    kms(&mut world, &call, "RevokeGrant", json!({"KeyId": id, "GrantId": first.get("GrantId").unwrap()}))
        .unwrap();
    assert_eq!(refused(kms(&mut world, &developer, "Encrypt", encrypt)).0, "AccessDeniedException");
    for operations in [json!(["CreateGrant"]), json!(["Sign"])] {
        let input = json!({"KeyId": id, "GranteePrincipal": format!("arn:aws:iam::{DEV}:role/developer"), "Operations": operations});
        assert_eq!(refused(kms(&mut world, &call, "CreateGrant", input)).0, "ValidationException");
    }
}

#[test]
fn a_ciphertext_opens_with_its_key_and_its_context_only() {
    let (mut world, call, id) = started();
    let other = new_key(&mut world, json!({}));
    let sealed = kms(
        &mut world,
        &call,
        "Encrypt",
        json!({"KeyId": id, "Plaintext": "aGVsbG8=", "EncryptionContext": {"a": "b"}}),
    )
    .unwrap();
    let blob = sealed.get("CiphertextBlob").unwrap();
    let open = |world: &mut World, input: Value| kms(world, &call, "Decrypt", input);
    let opened = open(&mut world, json!({"CiphertextBlob": blob, "EncryptionContext": {"a": "b"}})).unwrap();
    assert_eq!(opened.get("Plaintext"), Some(&json!("aGVsbG8=")));
    for (input, code) in [
        (json!({"CiphertextBlob": blob}), "InvalidCiphertextException"),
        (json!({"CiphertextBlob": "YQ=="}), "InvalidCiphertextException"),
        (
            json!({"CiphertextBlob": blob, "KeyId": other, "EncryptionContext": {"a": "b"}}),
            "IncorrectKeyException",
        ),
    ] {
        assert_eq!(refused(open(&mut world, input)).0, code);
    }
    let moved = kms(
        &mut world,
        &call,
        "ReEncrypt",
        json!({"CiphertextBlob": blob, "SourceEncryptionContext": {"a": "b"}, "DestinationKeyId": other}),
    )
    .unwrap();
    assert_eq!(moved.get("KeyId"), Some(&json!(arn(&other))));
    let data = kms(&mut world, &call, "GenerateDataKey", json!({"KeyId": id, "KeySpec": "AES_256"})).unwrap();
    assert_eq!(data.get("Plaintext").unwrap().as_str().unwrap().len(), 44);
}

fn guarded(world: &mut World, policy_type: &str, target: &str, content: &Value) -> String {
    let enabled =
        organizations(world, "EnablePolicyType", json!({"RootId": "r-ab12", "PolicyType": policy_type}));
    assert!(enabled.is_ok());
    assert!(world.clock.advance(2));
    let input =
        json!({"Name": "guard", "Description": "", "Type": policy_type, "Content": content.to_string()});
    let made = organizations(world, "CreatePolicy", input).unwrap();
    let id = made.pointer("/Policy/PolicySummary/Id").unwrap().clone();
    organizations(world, "AttachPolicy", json!({"PolicyId": id, "TargetId": target})).unwrap();
    made.pointer("/Policy/PolicySummary/Arn").unwrap().as_str().unwrap().to_owned()
}

#[test]
fn a_service_control_policy_denies_and_is_named_with_its_sid() {
    let (mut world, call, id) = started();
    kms(&mut world, &call, "EnableKeyRotation", json!({"KeyId": id})).unwrap();
    let content = json!({"Version": "2012-10-17", "Statement": [{"Sid": "DenyRotationOff", "Effect": "Deny",
        "Action": "kms:DisableKeyRotation", "Resource": "*",
        "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/terraform"}}}]});
    let policy = guarded(&mut world, "SERVICE_CONTROL_POLICY", "ou-ab12-11111111", &content);
    let developer = role(&world, DEV, "developer");
    let (code, message) = refused(kms(&mut world, &developer, "DisableKeyRotation", json!({"KeyId": id})));
    assert_eq!(code, "AccessDeniedException");
    assert_eq!(
        message,
        format!(
            "User: arn:aws:sts::{DEV}:assumed-role/developer/test is not authorized to perform: \
             kms:DisableKeyRotation on resource: {} with an explicit deny in a service control policy: {policy} (Sid: \
             DenyRotationOff)",
            arn(&id)
        )
    );
    assert!(kms(&mut world, &call, "DisableKeyRotation", json!({"KeyId": id})).is_ok());
}

#[test]
fn a_resource_control_policy_keeps_a_prod_key_from_dev() {
    let mut world = world();
    let pipeline = role(&world, PROD, "terraform");
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": PROD}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"AWS": DEV}, "Action": ["kms:Encrypt"], "Resource": "*"}]});
    let made = kms(&mut world, &pipeline, "CreateKey", json!({"Policy": policy.to_string()})).unwrap();
    let key = made.pointer("/KeyMetadata/Arn").unwrap().clone();
    let developer = role(&world, DEV, "developer");
    let encrypt = json!({"KeyId": key, "Plaintext": "YQ=="});
    assert!(kms(&mut world, &developer, "Encrypt", encrypt.clone()).is_ok());
    let content = json!({"Version": "2012-10-17", "Statement": [{"Sid": "ProdOnly", "Effect": "Deny",
        "Principal": "*", "Action": "kms:Encrypt", "Resource": "*",
        "Condition": {"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/ou-ab12-22222222/*"}}}]});
    guarded(&mut world, "RESOURCE_CONTROL_POLICY", "ou-ab12-22222222", &content);
    let (code, message) = refused(kms(&mut world, &developer, "Encrypt", encrypt.clone()));
    assert_eq!(code, "AccessDeniedException");
    assert!(message.contains("with an explicit deny in a resource control policy: arn:aws:organizations::111111111111:policy/o-a1b2c3d4e5/resource_control_policy/"), "{message}");
    assert!(message.ends_with("(Sid: ProdOnly)"), "{message}");
    assert!(kms(&mut world, &pipeline, "Encrypt", encrypt).is_ok());
}

#[test]
fn a_missing_required_tag_is_denied_where_a_policy_says_so() {
    let mut world = world();
    let content = json!({"Version": "2012-10-17", "Statement": [{"Sid": "Tagged", "Effect": "Deny",
        "Action": "kms:CreateKey", "Resource": "*", "Condition": {"Null": {"aws:RequestTag/Owner": "true"}}}]});
    guarded(&mut world, "SERVICE_CONTROL_POLICY", "r-ab12", &content);
    let dev = role(&world, DEV, "terraform");
    assert_eq!(refused(kms(&mut world, &dev, "CreateKey", json!({}))).0, "AccessDeniedException");
    assert!(
        kms(&mut world, &dev, "CreateKey", json!({"Tags": [{"TagKey": "Owner", "TagValue": "me"}]})).is_ok()
    );
    // The management account is outside every service control policy.
    let management = role(&world, MANAGEMENT, "terraform");
    assert!(kms(&mut world, &management, "CreateKey", json!({})).is_ok());
}

const OPERATIONS: [&str; 30] = [
    "CreateKey",
    "DescribeKey",
    "ListKeys",
    "GetKeyPolicy",
    "PutKeyPolicy",
    "ListKeyPolicies",
    "EnableKeyRotation",
    "DisableKeyRotation",
    "GetKeyRotationStatus",
    "ListKeyRotations",
    "RotateKeyOnDemand",
    "EnableKey",
    "DisableKey",
    "UpdateKeyDescription",
    "ScheduleKeyDeletion",
    "CancelKeyDeletion",
    "CreateAlias",
    "UpdateAlias",
    "DeleteAlias",
    "ListAliases",
    "TagResource",
    "UntagResource",
    "ListResourceTags",
    "CreateGrant",
    "ListGrants",
    "RevokeGrant",
    "RetireGrant",
    "Encrypt",
    "Decrypt",
    "GenerateDataKey",
];

const MEMBERS: [&str; 18] = [
    "KeyId",
    "TargetKeyId",
    "AliasName",
    "Policy",
    "PolicyName",
    "Description",
    "Tags",
    "TagKeys",
    "Limit",
    "Marker",
    "PendingWindowInDays",
    "RotationPeriodInDays",
    "GranteePrincipal",
    "Operations",
    "Constraints",
    "Plaintext",
    "CiphertextBlob",
    "EncryptionContext",
];

fn scalars() -> impl proptest::strategy::Strategy<Value = Value> {
    prop_oneof![
        any::<Option<bool>>().prop_map(|flag| json!(flag)),
        any::<i64>().prop_map(|number| json!(number)),
        any::<f64>().prop_map(|number| json!(number)),
        any::<String>().prop_map(|text| json!(text)),
        proptest::sample::select(vec![
            "alias/a",
            "alias/aws/s3",
            "YQ==",
            "default",
            "arn:aws:kms:eu-west-1:222222222222:key/x",
            "*"
        ])
        .prop_map(|text| json!(text)),
        any::<Vec<String>>().prop_map(|texts| json!(texts)),
        any::<std::collections::BTreeMap<String, String>>().prop_map(|map| json!(map)),
        any::<Vec<(String, String)>>().prop_map(|tags| {
            tags.into_iter().map(|(key, value)| json!({"TagKey": key, "TagValue": value})).collect()
        }),
    ]
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(128))]

    #[test]
    fn any_json_gets_a_modelled_answer(
        operation in proptest::sample::select(OPERATIONS.to_vec()),
        members in proptest::collection::btree_map(proptest::sample::select(MEMBERS.to_vec()), scalars(), 0..8),
        own_key in any::<bool>(),
    ) {
        let (mut world, call, id) = started();
        let mut input = json!(members);
        if own_key {
            input.as_object_mut().unwrap().insert("KeyId".to_owned(), json!(id));
        }
        match kms(&mut world, &call, operation, input) {
            Ok(answer) => assert!(answer.is_object() || answer.is_null()),
            Err(error) => assert!((400..=500).contains(&error.status) && error.code != "UnknownOperationException"),
        }
    }
}
