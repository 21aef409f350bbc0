//! The tables against what AWS counts, and against each other.

use super::*;

#[test]
fn rows_are_sorted_and_found_by_name() {
    let key = |row: &KeyDefinition| row.name.to_ascii_lowercase();
    assert!(CONDITION_KEYS.is_sorted_by(|one, next| key(one) < key(next)));
    for row in &CONDITION_KEYS {
        assert_eq!(condition_key(&row.name.to_uppercase()).map(|found| found.name), Some(row.name));
    }
    assert!(ACTIONS.is_sorted_by(|one, next| one.name.to_lowercase() < next.name.to_lowercase()));
    for row in &ACTIONS {
        assert_eq!(
            action(&format!("KMS:{}", row.name.to_lowercase())).map(|found| found.name),
            Some(row.name)
        );
    }
}

#[test]
fn kms_has_as_many_keys_and_actions_as_aws_counts() {
    assert_eq!(CONDITION_KEYS.iter().filter(|key| key.is_of_kms()).count(), 98);
    let attests = |key: &&KeyDefinition| key.name.starts_with("kms:RecipientAttestation:");
    assert_eq!(CONDITION_KEYS.iter().filter(attests).count(), 57);
    assert_eq!(ACTIONS.iter().filter(|action| action.cross_account).count(), 20);
    assert_eq!(ACTIONS.iter().filter(|action| action.grantable).count(), 17);
    let levels = |level| ACTIONS.iter().filter(|action| action.level == level).count();
    assert_eq!(levels(AccessLevel::PermissionsManagement), 4);
    assert_eq!(levels(AccessLevel::Tagging), 2);
    assert_eq!(levels(AccessLevel::List), 7);
    assert_eq!(levels(AccessLevel::Read), 7);
}

#[test]
fn families_hold_their_members_and_nothing_else() {
    let name = |key| condition_key(key).map(|key| key.name);
    assert_eq!(name("aws:ResourceTag/Environment"), Some("aws:ResourceTag/"));
    assert_eq!(name("aws:resourcetag/"), Some("aws:ResourceTag/"));
    assert_eq!(name("kms:EncryptionContext:App"), Some("kms:EncryptionContext:"));
    assert_eq!(name("kms:EncryptionContextKeys"), Some("kms:EncryptionContextKeys"));
    assert_eq!(name("kms:RecipientAttestation:PCR31"), Some("kms:RecipientAttestation:PCR31"));
    for unknown in
        ["kms:RecipientAttestation:PCR32", "aws:PrincipalOrgPath", "aws:ResourceTag", "", "s3:prefix", "é"]
    {
        assert_eq!(name(unknown), None, "{unknown}");
    }
}

#[test]
fn a_key_is_always_there_exactly_where_its_definition_says_so() {
    for key in &CONDITION_KEYS {
        let former = key.name.starts_with("kms:CustomerMasterKey");
        assert_eq!(key.is_always_there(), former || key.present.starts_with("Always"), "{}", key.name);
    }
    assert!(ALWAYS_THERE.is_sorted());
}

#[test]
fn words_are_those_that_defaults_grants_and_the_judge_use() {
    let words = |name| {
        let Values::Words(words) = condition_key(name).unwrap().values else { panic!("{name}") };
        words
    };
    for (name, word) in [
        ("kms:KeyOrigin", "AWS_KMS"),
        ("kms:KeySpec", "SYMMETRIC_DEFAULT"),
        ("kms:KeyUsage", "ENCRYPT_DECRYPT"),
        ("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT"),
        ("kms:MessageType", "RAW"),
        ("aws:PrincipalType", "AssumedRole"),
    ] {
        assert!(words(name).contains(&word), "{name}");
    }
    for action in ACTIONS.iter().filter(|action| action.grantable) {
        assert!(words("kms:GrantOperations").contains(&action.name), "{}", action.name);
    }
    for key in &CONDITION_KEYS {
        let text = matches!(key.kind, KeyType::String);
        assert!(text || matches!(key.values, Values::Any | Values::Principal), "{}", key.name);
    }
}

#[test]
fn the_services_of_resource_control_policies_are_sorted_and_have_kms() {
    assert!(RCP_SERVICES.is_sorted_by(|one, next| one < next));
    assert!(RCP_SERVICES.contains(&"kms") && !RCP_SERVICES.contains(&"iam"));
}

#[test]
fn the_former_names_of_spec_and_usage_stand_where_the_new_ones_do() {
    for action in &ACTIONS {
        for (former, now) in
            [("kms:CustomerMasterKeySpec", "kms:KeySpec"), ("kms:CustomerMasterKeyUsage", "kms:KeyUsage")]
        {
            assert_eq!(action.carries(former), action.carries(now), "{} and {former}", action.name);
        }
    }
}

#[test]
fn every_key_an_action_lists_is_defined() {
    for (action, key) in ACTIONS.iter().flat_map(|action| action.keys.iter().map(move |key| (action, key))) {
        let defined = CONDITION_KEYS.iter().any(|row| row.name.starts_with(key));
        assert!(defined, "{} lists {key}", action.name);
    }
    let carried = |key: &&KeyDefinition| ACTIONS.iter().any(|action| action.carries_defined(key));
    assert!(CONDITION_KEYS.iter().all(|key| carried(&key)), "a key that no action carries");
}

#[test]
fn keys_of_a_request_exist_where_their_parameter_does() {
    let carries = |name: &str, key| action(name).is_some_and(|action| action.carries(key));
    for (name, key, expected) in [
        ("EnableKeyRotation", "kms:RotationPeriodInDays", true),
        ("CreateKey", "kms:RotationPeriodInDays", false),
        ("CreateKey", "aws:RequestTag/x", true),
        ("CreateAlias", "aws:RequestTag/x", false),
        ("UntagResource", "aws:RequestTag/x", false),
        ("UntagResource", "aws:TagKeys", true),
        ("CreateKey", "aws:ResourceTag/x", true),
        ("CreateKey", "kms:ResourceAliases", false),
        ("ListKeys", "aws:ResourceTag/x", false),
        ("ListKeys", "kms:CallerAccount", false),
        ("CreateCustomKeyStore", "kms:CallerAccount", true),
        ("CreateCustomKeyStore", "kms:ViaService", false),
        ("Decrypt", "kms:RecipientAttestation:PCR0", true),
        ("Encrypt", "kms:RecipientAttestation:PCR0", false),
        ("Decrypt", "aws:PrincipalOrgPaths", true),
        ("Decrypt", "s3:prefix", true),
    ] {
        assert_eq!(carries(name, key), expected, "{name} {key}");
    }
    assert_eq!(
        action("EnableKeyRotation").unwrap().condition_keys().filter(|key| key.is_of_kms()).count(),
        12
    );
}

#[test]
fn a_pattern_names_actions() {
    let names = |pattern| actions_matching(pattern).map(|action| action.name).collect::<Vec<_>>();
    assert_eq!(names("kms:create*"), ["CreateAlias", "CreateCustomKeyStore", "CreateGrant", "CreateKey"]);
    assert_eq!(names("kms:*"), ACTIONS.each_ref().map(|action| action.name));
    assert_eq!(names("Decrypt"), [""; 0]);
    assert_eq!(ACTIONS.iter().map(bit).sum::<u64>(), EVERY_ACTION);
}
