//! The embedded AWS: KMS, Organizations and STS on one local port.
//!
//! Written from AWS's documented behaviour and sharing no code with
//! [`crate::aws`], so that a misreading there is not confirmed here.
