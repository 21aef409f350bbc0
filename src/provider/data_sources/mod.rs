//! What configurations may read, one folder per type.

mod kms_audit;
mod kms_org_guardrails;
mod secure_kms_key;

pub(crate) use kms_audit::KmsAudit;
pub(crate) use kms_org_guardrails::KmsOrgGuardrailsData;
pub(crate) use secure_kms_key::SecureKmsKeyData;
