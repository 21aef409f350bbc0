//! The small alphabets that cases are drawn from.
//!
//! INVARIANT: policies and requests share them, so that they meet.

/// The operators that are put to a key of this name.
pub(crate) fn family_of(key: &str) -> &'static [&'static str] {
    match key {
        "aws:MultiFactorAuthAge"
        | "kms:RotationPeriodInDays"
        | "kms:ScheduleKeyDeletionPendingWindowInDays" => &[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
            "StringEquals",
        ],
        "aws:CurrentTime" => &[
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ],
        "aws:MultiFactorAuthPresent"
        | "aws:PrincipalIsAWSService"
        | "aws:ViaAWSService"
        | "kms:GrantIsForAWSResource" => &["Bool"],
        "aws:SourceIp" => &["IpAddress", "NotIpAddress"],
        "aws:PrincipalArn" | "aws:SourceArn" | "aws:PrincipalTag/arn" => {
            &["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "StringLike", "StringNotEquals"]
        }
        "aws:PrincipalTag/blob" => &["BinaryEquals"],
        _ => &[
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "StringLike",
            "StringNotLike",
            "StringEquals",
            "StringNotEquals",
        ],
    }
}

/// What an operator is put to, beside the values that the key may hold.
pub(crate) fn operands_of(operator: &str) -> &'static [&'static str] {
    match operator {
        "StringEquals" | "StringNotEquals" => &[
            "${aws:PrincipalTag/team}",
            "${aws:username, 'red'}",
            "${$}",
            "${aws:TagKeys}",
            "${aws:CalledVia}",
            "${aws:PrincipalTag/none}",
            "${AWS:principaltag/TEAM}",
        ],
        "StringLike" | "StringNotLike" => &[
            "*",
            "?*",
            "r*",
            "*e*",
            "${aws:PrincipalTag/team}*",
            "re${*}",
            "${aws:username,'r'}*",
            "o-a*/r-1/ou-1/*",
            "s3.*",
        ],
        "ArnEquals" | "ArnLike" => &[
            "arn:aws:iam::*:role/*",
            "arn:*:iam::111111111111:*",
            "arn:aws:iam::111111111111:role/dev",
            "arn:aws:iam::222222222222:r?le/*/*",
            "arn:aws:*:bucket",
            "arn:aws:rds:*:*:db:*",
            "nonsense",
            "arn:aws:iam::*:user/${aws:username}",
            "arn:aws:s3:::*",
        ],
        // What a malformed operand does to a negated ARN operator is not documented in full.
        "ArnNotEquals" | "ArnNotLike" => &[
            "arn:aws:iam::*:role/*",
            "arn:*:iam::111111111111:*",
            "arn:aws:iam::111111111111:role/dev",
            "arn:aws:rds:*:*:db:*",
            "arn:aws:iam::*:user/${aws:username}",
        ],
        "IpAddress" => &[
            "10.1.2.0/24",
            "10.1.2.9/16",
            "10.1.2.3",
            "2001:db8::/32",
            "2001:db8::1/32",
            "2001:db8::1",
            "10.1/16",
            "${aws:SourceIp}",
        ],
        // Nor a range whose host bits are set, or one that is none, to a negated address operator.
        "NotIpAddress" => &["10.1.2.0/24", "10.1.2.9/16", "10.1.2.3", "2001:db8::/32"],
        "BinaryEquals" => &["QQ==", "QUI="],
        "Bool" => &["true", "false", "TRUE", "maybe"],
        _ if operator.starts_with("Numeric") => {
            &["300", "0", "1e2", "90.5", "365", "+90", "abc", "${aws:MultiFactorAuthAge}"]
        }
        _ if operator.starts_with("Date") => {
            &["2026-01-01", "2026-01-01T00:00:00Z", "2026-06-30T12:00:00.500Z", "1767225600"]
        }
        _ => &["RED", "Blue"],
    }
}

pub(crate) const OWN: &str = "111111111111";
pub(crate) const OTHER: &str = "222222222222";
pub(crate) const SERVICE: &str = "rds.amazonaws.com";

pub(crate) const KEYS: &[&str] = &[
    "arn:aws:kms:eu-west-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "arn:aws:kms:eu-west-1:111111111111:key/mrk-1234abcd12ab34cd56ef1234567890ab",
    "arn:aws:kms:eu-west-1:111111111111:key/m😀-1234abcd12ab34cd56ef1234567890ab",
];

pub(crate) const KEY_ACTIONS: &[&str] = &[
    "kms:Decrypt",
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:DescribeKey",
    "kms:CreateGrant",
    "kms:ListGrants",
    "kms:ScheduleKeyDeletion",
    "kms:EnableKeyRotation",
    "kms:PutKeyPolicy",
    "kms:TagResource",
    "kms:Sign",
    "kms:ReEncrypt",
    "kms:ReEncryptFrom",
];

pub(crate) const RARER_KEY_ACTIONS: &[&str] = &[
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DeriveSharedSecret",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:GenerateDataKeyPair",
    "kms:GenerateDataKeyPairWithoutPlaintext",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:GenerateMac",
    "kms:GetKeyLastUsage",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:GetParametersForImport",
    "kms:GetPublicKey",
    "kms:ImportKeyMaterial",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:ReEncryptTo",
    "kms:ReplicateKey",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdatePrimaryRegion",
    "kms:Verify",
    "kms:VerifyMac",
];

/// An RCP names a service and keeps its wildcards to the end.
pub(crate) const RCP_ACTIONS: &[&str] = &["kms:*", "kms:De*", "kms:Create*", "kms:Enc*"];

pub(crate) const NARROW_ACTIONS: &[&str] =
    &["kms:De*", "kms:*Key*", "kms:?ncrypt", "kms:*crypt*", "s3:*", "kms:Li*"];

pub(crate) const WIDE_ACTIONS: &[&str] = &[
    "kms:*",
    "*",
    "kms:*",
    "kms:De*",
    "kms:*Key*",
    "k?s:*",
    "s3:*",
    "kms:*a*t*",
    "kms:Decrypt ",
    "kms:Decrypt,kms:Encrypt",
];

pub(crate) const GRANTABLE: &[&str] =
    &["Decrypt", "Encrypt", "GenerateDataKey", "DescribeKey", "CreateGrant", "Sign", "ReEncryptFrom"];

pub(crate) const RESOURCES: &[&str] = &[
    "arn:aws:kms:*:*:key/*",
    "arn:aws:kms:eu-*:111111111111:key/mrk-*",
    "arn:aws:kms:*:*:*",
    "arn:*:kms:*:*:*/1234abcd*",
    "arn:aws:kms:eu-west-?:1*1:?ey/*-*",
    "arn:aws:kms:*:*:KEY/*",
    "arn:aws:kms:*:*:alias/*",
    "arn:aws:kms:*:*:alias/${aws:PrincipalTag/team, 'app'}",
    "arn:aws:kms:eu-west-1:222222222222:key/*",
    "arn:aws:kms:*:${aws:PrincipalAccount}:*",
    "arn:aws:kms:*:*:key/${aws:PrincipalTag/none}",
    "arn:aws:kms:*:*:?????????????????????????????????????????",
    "arn:aws:kms:*:*:key/m??-*",
];

/// What the evaluator finds out by itself.
pub(crate) const DERIVED: &[&str] = &[
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalType",
    "aws:PrincipalIsAWSService",
    "aws:ViaAWSService",
    "aws:ResourceAccount",
    "aws:username",
    "kms:CallerAccount",
];

/// What no request lacks.
pub(crate) const SENT_ALWAYS: &[&str] = &["aws:CurrentTime", "kms:KeySpec"];

pub(crate) const KEYS_OF_ALL: &[(&str, &[&str])] = &[
    ("aws:SourceIp", &["10.1.2.3", "10.1.3.4", "2001:db8::1", "2001:db8::1", "not-an-address"]),
    ("aws:CurrentTime", &["2026-01-01T00:00:00Z", "2026-06-30T12:00:00.500Z", "2025-12-31T23:59:59Z"]),
    ("aws:PrincipalIsAWSService", &["true", "false"]),
    ("aws:ViaAWSService", &["true", "false"]),
    ("aws:ResourceAccount", &[OWN, OTHER]),
];

/// What services and nobody lack, or what is not documented for them.
pub(crate) const KEYS_OF_IAM: &[(&str, &[&str])] = &[
    ("aws:MultiFactorAuthPresent", &["true", "false", "True"]),
    ("aws:MultiFactorAuthAge", &["0", "300", "0300", "3e2", "-5", "abc"]),
    ("aws:PrincipalTag/team", &["red", "blue", "Red", ""]),
    ("aws:PrincipalTag/arn", &["arn:aws:iam::111111111111:role/dev", "arn:aws:s3:::a:b/c", "nonsense"]),
    ("aws:PrincipalTag/blob", &["QQ==", "QUI="]),
    ("aws:PrincipalOrgID", &["o-aaaaaaaaaa", "o-bbbbbbbbbb"]),
    ("aws:PrincipalArn", &["arn:aws:iam::111111111111:role/dev", "arn:aws:iam::111111111111:user/ann"]),
    ("aws:PrincipalAccount", &[OWN, OTHER]),
    ("aws:PrincipalType", &["Account", "User", "AssumedRole"]),
    ("aws:username", &["ann", "red"]),
    ("kms:CallerAccount", &[OWN, OTHER]),
];

pub(crate) const KEYS_OF_REQUESTS: &[(&str, &[&str])] = &[
    ("aws:ResourceTag/team", &["red", "blue", "Red", ""]),
    ("aws:RequestTag/team", &["red", "blue"]),
    ("kms:KeySpec", &["SYMMETRIC_DEFAULT", "RSA_2048"]),
    ("kms:RotationPeriodInDays", &["90", "365", "700"]),
    ("kms:ScheduleKeyDeletionPendingWindowInDays", &["7", "30"]),
    ("kms:GrantIsForAWSResource", &["true", "false"]),
    ("kms:EncryptionContext:app", &["pay", "pay", "Pay", "web"]),
    ("kms:EncryptionContext:tier", &["web"]),
];

pub(crate) const LISTS: &[(&str, &[&str])] = &[
    ("aws:TagKeys", &["team", "owner", "red"]),
    (
        "aws:PrincipalOrgPaths",
        &["o-aaaaaaaaaa/r-1111/ou-1111-11111111/", "o-aaaaaaaaaa/r-1111/", "o-a/r-1/ou-1/ou-2/"],
    ),
    ("aws:CalledVia", &["cloudformation.amazonaws.com", "athena.amazonaws.com"]),
    ("kms:EncryptionContextKeys", &["app", "tier"]),
    ("kms:GrantOperations", &["Decrypt", "Encrypt", "Sign"]),
];
