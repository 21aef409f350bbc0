//! What configurations may read, one folder per type.

mod kms_audit;

pub(crate) use kms_audit::KmsAudit;
