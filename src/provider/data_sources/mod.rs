//! What configurations may read, one folder per type.

mod kms_audit;
mod secure_kms_key;

pub(crate) use kms_audit::KmsAudit;
pub(crate) use secure_kms_key::SecureKmsKeyData;
