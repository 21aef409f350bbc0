//! The real Terraform, the real provider binary, and an AWS that can be made to
//! fail: what users see, from `plan` to `destroy`.
//!
//! Needs `terraform` in the path. Every test has a sandbox and a folder of its own.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, and helpers of tests are no tests to clippy"
)]
#![expect(clippy::indexing_slicing, reason = "a JSON answer without the field fails the test, as it should")]
#![expect(clippy::panic, reason = "a test fails by panicking, and helpers of tests are no tests to clippy")]

#[path = "../support/copies.rs"]
mod copies;
mod examples;
mod functions;
mod interrupts;
mod kms_audit;
mod kms_org_guardrails;
mod provider_block;
mod readme;
mod secure_kms_key;
mod shell;
mod support;
