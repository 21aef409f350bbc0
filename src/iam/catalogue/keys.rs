//! The condition keys as rows, sorted by name without regard to case.

use super::key::{KeyDefinition, KeyType, Source, Values};
use super::words;
use crate::model::key::{KeyOrigin, KeySpec, KeyUsage};

const fn global(name: &'static str, kind: KeyType, present: &'static str) -> KeyDefinition {
    KeyDefinition {
        name,
        kind,
        list: false,
        source: Source::Global,
        sensitive: false,
        values: Values::Any,
        present,
    }
}

const fn caller(name: &'static str, kind: KeyType, present: &'static str) -> KeyDefinition {
    KeyDefinition { source: Source::Caller, ..global(name, kind, present) }
}

const fn key(name: &'static str, kind: KeyType, present: &'static str) -> KeyDefinition {
    KeyDefinition { source: Source::Key, ..global(name, kind, present) }
}

const fn request(name: &'static str, kind: KeyType, present: &'static str) -> KeyDefinition {
    KeyDefinition { source: Source::Request, ..global(name, kind, present) }
}

impl KeyDefinition {
    const fn list(self) -> Self {
        Self { list: true, ..self }
    }

    const fn sensitive(self) -> Self {
        Self { sensitive: true, ..self }
    }

    const fn of(self, values: Values) -> Self {
        Self { values, ..self }
    }

    const fn words(self, words: &'static [&'static str]) -> Self {
        self.of(Values::Words(words))
    }
}

const ENCLAVE: &str = "When the request brings the attestation document of an enclave.";
const NITRO_TPM: &str = "When the request brings the attestation document of a NitroTPM.";

/// Every condition key of KMS (98), every global one, and those that other
/// services put into the requests of all.
pub static CONDITION_KEYS: [KeyDefinition; 156] = [
    global("aws:AssumedRoot", KeyType::Bool, "In sessions made with `sts:AssumeRoot`."),
    global(
        "aws:CalledVia",
        KeyType::String,
        "When a service calls on behalf of the caller: the services of the chain.",
    )
    .list(),
    global(
        "aws:CalledViaAWSMCP",
        KeyType::String,
        "When an AWS managed MCP server forwards the call: its service principal.",
    ),
    global("aws:CalledViaFirst", KeyType::String, "With `aws:CalledVia`: its first service."),
    global("aws:CalledViaLast", KeyType::String, "With `aws:CalledVia`: its last service."),
    global("aws:ChatbotSourceArn", KeyType::Arn, "In sessions that a chat client made."),
    global("aws:CurrentTime", KeyType::Date, "Always."),
    global("aws:Ec2InstanceSourcePrivateIPv4", KeyType::IpAddress, "In sessions of an EC2 instance's role."),
    global("aws:Ec2InstanceSourceVpc", KeyType::String, "In sessions of an EC2 instance's role."),
    global("aws:EpochTime", KeyType::Date, "Always, in seconds since 1970."),
    global(
        "aws:FederatedProvider",
        KeyType::String,
        "In sessions of federated users and identity providers.",
    ),
    global(
        "aws:IsMcpServiceAction",
        KeyType::Bool,
        "When an MCP service of AWS authorizes an action of its own.",
    ),
    global(
        "aws:MultiFactorAuthAge",
        KeyType::Numeric,
        "In temporary credentials made with a second factor: seconds since then.",
    ),
    global(
        "aws:MultiFactorAuthPresent",
        KeyType::Bool,
        "In temporary credentials; absent with long-term access keys and in federated sessions.",
    ),
    global("aws:PrincipalAccount", KeyType::String, "Always; `anonymous` when the call is unsigned.")
        .sensitive()
        .of(Values::Account),
    global(
        "aws:PrincipalArn",
        KeyType::Arn,
        "In signed calls; for a session the ARN of its role, path included. Absent when a service calls for itself.",
    )
    .of(Values::Principal),
    global(
        "aws:PrincipalIsAWSService",
        KeyType::Bool,
        "In signed calls; true only when a service calls for itself.",
    ),
    global(
        "aws:PrincipalOrgID",
        KeyType::String,
        "When the caller's account is in an organisation; absent when a service calls for itself.",
    )
    .sensitive(),
    global(
        "aws:PrincipalOrgPaths",
        KeyType::String,
        "When the caller's account is in an organisation; absent when a service calls for itself.",
    )
    .list(),
    global("aws:PrincipalServiceName", KeyType::String, "When a service calls for itself."),
    global("aws:PrincipalServiceNamesList", KeyType::String, "When a service calls for itself.").list(),
    global("aws:PrincipalTag/", KeyType::String, "When the caller, or its session, bears the tag."),
    global("aws:PrincipalType", KeyType::String, "In signed calls of users, roles and root users.")
        .words(words::PRINCIPALS),
    global("aws:Referer", KeyType::String, "When the HTTP header was sent; anybody can write it."),
    global("aws:RequestedRegion", KeyType::String, "Always.").of(Values::Region),
    request("aws:RequestTag/", KeyType::String, "When the request brings the tag."),
    global("aws:ResourceAccount", KeyType::String, "Nearly always: the account that owns the resource.")
        .sensitive()
        .of(Values::Account),
    global("aws:ResourceOrgID", KeyType::String, "When the resource's account is in an organisation.")
        .sensitive(),
    global("aws:ResourceOrgPaths", KeyType::String, "When the resource's account is in an organisation.")
        .list(),
    key("aws:ResourceTag/", KeyType::String, "When the key bears the tag."),
    global("aws:SecureTransport", KeyType::Bool, "Always."),
    global(
        "aws:SignInSessionArn",
        KeyType::Arn,
        "In sessions that an OAuth sign-in made, such as that of `aws login`; not in the console's.",
    ),
    global(
        "aws:SourceAccount",
        KeyType::String,
        "When a service calls for itself and tells on whose behalf.",
    )
    .sensitive()
    .of(Values::Account),
    global("aws:SourceArn", KeyType::Arn, "When a service calls for itself and tells on whose behalf."),
    global("aws:SourceIdentity", KeyType::String, "In sessions whose source identity was set."),
    global(
        "aws:SourceIp",
        KeyType::IpAddress,
        "Except through a VPC endpoint and in calls that a service makes.",
    ),
    global(
        "aws:SourceOrgID",
        KeyType::String,
        "When a service calls for itself for an account of an organisation.",
    )
    .sensitive(),
    global(
        "aws:SourceOrgPaths",
        KeyType::String,
        "When a service calls for itself for an account of an organisation.",
    )
    .list(),
    global("aws:SourceVpc", KeyType::String, "Through a VPC endpoint.").sensitive(),
    global("aws:SourceVpcArn", KeyType::Arn, "Through a VPC endpoint."),
    global("aws:SourceVpce", KeyType::String, "Through a VPC endpoint.").sensitive(),
    request("aws:TagKeys", KeyType::String, "When the request names tags.").list(),
    global("aws:TokenIssueTime", KeyType::Date, "In temporary credentials."),
    global("aws:UserAgent", KeyType::String, "When the HTTP header was sent; anybody can write it."),
    global(
        "aws:userid",
        KeyType::String,
        "In signed calls: the unique id, for a session followed by its name.",
    ),
    global("aws:username", KeyType::String, "For IAM users alone."),
    global("aws:ViaAWSMCPService", KeyType::Bool, "When an AWS managed MCP server forwards the call."),
    global("aws:ViaAWSService", KeyType::Bool, "Always; true when a service calls on behalf of the caller."),
    global("aws:VpceAccount", KeyType::String, "Through a VPC endpoint.").sensitive().of(Values::Account),
    global("aws:VpceOrgID", KeyType::String, "Through a VPC endpoint of an account of an organisation.")
        .sensitive(),
    global("aws:VpceOrgPaths", KeyType::String, "Through a VPC endpoint of an account of an organisation.")
        .list(),
    global("aws:VpcSourceIp", KeyType::IpAddress, "Through a VPC endpoint."),
    global("codebuild:BuildArn", KeyType::Arn, "In sessions of a CodeBuild project's role."),
    global("codebuild:ProjectArn", KeyType::Arn, "In sessions of a CodeBuild project's role."),
    global("ec2:RoleDelivery", KeyType::Numeric, "In sessions of an EC2 instance's role: `1.0` or `2.0`."),
    global("ec2:SourceInstanceArn", KeyType::Arn, "In sessions of an EC2 instance's role."),
    global("glue:CredentialIssuingService", KeyType::String, "In sessions of a Glue job's role."),
    global("glue:RoleAssumedBy", KeyType::String, "When Glue itself calls with a role."),
    global("identitystore:UserId", KeyType::String, "In sessions that bear a user of Identity Center."),
    request(
        "kms:BypassPolicyLockoutSafetyCheck",
        KeyType::Bool,
        "When the parameter is given; absent when it is left out.",
    ),
    caller(
        "kms:CallerAccount",
        KeyType::String,
        "In every call but those that list the account's keys, aliases and grants, and random bytes.",
    )
    .of(Values::Account),
    key("kms:CustomerMasterKeySpec", KeyType::String, "The former name of `kms:KeySpec`.")
        .words(KeySpec::DOCUMENTED),
    key("kms:CustomerMasterKeyUsage", KeyType::String, "The former name of `kms:KeyUsage`.")
        .words(KeyUsage::DOCUMENTED),
    request("kms:DataKeyPairSpec", KeyType::String, "Always.").words(words::DATA_KEY_PAIRS),
    request("kms:EncryptionAlgorithm", KeyType::String, "Always; `SYMMETRIC_DEFAULT` when it is left out.")
        .words(words::ENCRYPTION),
    request(
        "kms:EncryptionContext:",
        KeyType::String,
        "When the encryption context has the pair; symmetric keys alone have one.",
    ),
    request("kms:EncryptionContextKeys", KeyType::String, "When there is an encryption context.").list(),
    request(
        "kms:ExpirationModel",
        KeyType::String,
        "When the parameter is given; absent when it is left out.",
    )
    .words(words::EXPIRATION),
    request("kms:GrantConstraintSourceArn", KeyType::Arn, "When the grant has the constraint."),
    request(
        "kms:GrantConstraintType",
        KeyType::String,
        "When the grant has a constraint on the encryption context.",
    )
    .words(words::CONSTRAINTS),
    request("kms:GranteePrincipal", KeyType::String, "When the grantee is no service.").of(Values::Arn),
    request("kms:GranteeServicePrincipal", KeyType::String, "When the grantee is a service."),
    request(
        "kms:GrantIsForAWSResource",
        KeyType::Bool,
        "True when an integrated service makes the call for its user; false or absent otherwise.",
    ),
    request("kms:GrantOperations", KeyType::String, "Always.").list().words(words::GRANTED),
    request("kms:KeyAgreementAlgorithm", KeyType::String, "Always.").words(words::KEY_AGREEMENT),
    key("kms:KeyOrigin", KeyType::String, "Always; `AWS_KMS` when `CreateKey` leaves it out.")
        .words(KeyOrigin::DOCUMENTED),
    key("kms:KeySpec", KeyType::String, "Always; `SYMMETRIC_DEFAULT` when `CreateKey` leaves it out.")
        .words(KeySpec::DOCUMENTED),
    key("kms:KeyUsage", KeyType::String, "Always; `ENCRYPT_DECRYPT` when `CreateKey` leaves it out.")
        .words(KeyUsage::DOCUMENTED),
    request("kms:MacAlgorithm", KeyType::String, "Always.").words(words::MAC),
    request("kms:MessageType", KeyType::String, "Always; `RAW` when it is left out.")
        .words(words::MESSAGES),
    key("kms:MultiRegion", KeyType::Bool, "Always; false when `CreateKey` leaves it out."),
    key("kms:MultiRegionKeyType", KeyType::String, "For multi-Region keys.")
        .words(words::MULTI_REGION),
    request("kms:PrimaryRegion", KeyType::String, "Always.").of(Values::Region),
    request("kms:RecipientAttestation:ImageSha384", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:NitroTPMPCR0", KeyType::String, NITRO_TPM),
    request("kms:RecipientAttestation:NitroTPMPCR1", KeyType::String, NITRO_TPM),
    request("kms:RecipientAttestation:NitroTPMPCR10", KeyType::String, NITRO_TPM),
    request("kms:RecipientAttestation:NitroTPMPCR11", KeyType::String, NITRO_TPM),
    request("kms:RecipientAttestation:NitroTPMPCR12", KeyType::String, NITRO_TPM),
    request("kms:RecipientAttestation:NitroTPMPCR13", KeyType::String, NITRO_TPM),
    request("kms:RecipientAttestation:NitroTPMPCR14", KeyType::String, NITRO_TPM),
    request("kms:RecipientAttestation:NitroTPMPCR15", KeyType::String, NITRO_TPM),
    request("kms:RecipientAttestation:NitroTPMPCR16", KeyType::String, NITRO_TPM),
    request("kms:RecipientAttestation:NitroTPMPCR17", KeyType::String, NITRO_TPM),
    request("kms:RecipientAttestation:NitroTPMPCR18", KeyType::String, NITRO_TPM),
    request("kms:RecipientAttestation:NitroTPMPCR19", KeyType::String, NITRO_TPM),
    request("kms:RecipientAttestation:NitroTPMPCR2", KeyType::String, NITRO_TPM),
    request("kms:RecipientAttestation:NitroTPMPCR20", KeyType::String, NITRO_TPM),
    request("kms:RecipientAttestation:NitroTPMPCR21", KeyType::String, NITRO_TPM),
    request("kms:RecipientAttestation:NitroTPMPCR22", KeyType::String, NITRO_TPM),
    request("kms:RecipientAttestation:NitroTPMPCR23", KeyType::String, NITRO_TPM),
    request("kms:RecipientAttestation:NitroTPMPCR3", KeyType::String, NITRO_TPM),
    request("kms:RecipientAttestation:NitroTPMPCR4", KeyType::String, NITRO_TPM),
    request("kms:RecipientAttestation:NitroTPMPCR5", KeyType::String, NITRO_TPM),
    request("kms:RecipientAttestation:NitroTPMPCR6", KeyType::String, NITRO_TPM),
    request("kms:RecipientAttestation:NitroTPMPCR7", KeyType::String, NITRO_TPM),
    request("kms:RecipientAttestation:NitroTPMPCR8", KeyType::String, NITRO_TPM),
    request("kms:RecipientAttestation:NitroTPMPCR9", KeyType::String, NITRO_TPM),
    request("kms:RecipientAttestation:PCR0", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR1", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR10", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR11", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR12", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR13", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR14", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR15", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR16", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR17", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR18", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR19", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR2", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR20", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR21", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR22", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR23", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR24", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR25", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR26", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR27", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR28", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR29", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR3", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR30", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR31", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR4", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR5", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR6", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR7", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR8", KeyType::String, ENCLAVE),
    request("kms:RecipientAttestation:PCR9", KeyType::String, ENCLAVE),
    request("kms:ReEncryptOnSameKey", KeyType::Bool, "Always."),
    request("kms:ReplicaRegion", KeyType::String, "Always.").of(Values::Region),
    request("kms:RequestAlias", KeyType::String, "When the request names the key by an alias."),
    key(
        "kms:ResourceAliases",
        KeyType::String,
        "When the key has aliases; in identity policies and SCPs alone.",
    )
    .list(),
    request("kms:RetiringPrincipal", KeyType::String, "When the grant names one that is no service.")
        .of(Values::Arn),
    request("kms:RetiringServicePrincipal", KeyType::String, "When the grant names a service."),
    request(
        "kms:RotationPeriodInDays",
        KeyType::Numeric,
        "Always; 365 when it is left out, whatever the key has.",
    ),
    request(
        "kms:ScheduleKeyDeletionPendingWindowInDays",
        KeyType::Numeric,
        "Always; 30 when it is left out.",
    ),
    request("kms:SigningAlgorithm", KeyType::String, "Always.").words(words::SIGNING),
    request(
        "kms:TrailingDaysWithoutKeyUsage",
        KeyType::Numeric,
        "Always: whole days since the key was last used, or since it was made.",
    ),
    request("kms:ValidTo", KeyType::Date, "When the material expires."),
    caller(
        "kms:ViaService",
        KeyType::String,
        "When a service calls on behalf of the caller: `service.region.amazonaws.com`.",
    ),
    request("kms:WrappingAlgorithm", KeyType::String, "Always.").words(words::WRAPPING),
    request("kms:WrappingKeySpec", KeyType::String, "Always.").words(words::WRAPPING_KEYS),
    global("lambda:SourceFunctionArn", KeyType::Arn, "In sessions of a Lambda function's role."),
    global("ssm:SourceInstanceArn", KeyType::Arn, "In sessions of a node that Systems Manager manages."),
];
