//! What configurations may manage, one folder per type.

pub(crate) mod secure_kms_key;

pub(crate) use secure_kms_key::SecureKmsKey;
