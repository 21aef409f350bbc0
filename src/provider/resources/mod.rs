//! What configurations may manage, one folder per type.

pub(crate) mod kms_org_guardrails;
pub(crate) mod secure_kms_key;

pub(crate) use kms_org_guardrails::KmsOrgGuardrails;
pub(crate) use secure_kms_key::SecureKmsKey;
