//! keyrail: AWS KMS keys that are compliant by construction, organisation
//! policies that are proven before they are attached, and audits as data.
//!
//! One catalogue of [`controls`] acts in three places: `secure_kms_key`
//! refuses a bad key while Terraform plans, `kms_org_guardrails` generates,
//! packs, proves and attaches service and resource control policies, and
//! `kms_audit` reports every key against the same controls.
//!
//! The rooms, and who may use whom, are drawn in `docs/architecture.md` and
//! held by `tests/architecture.rs`. The pure rooms take time, environment and
//! files as arguments; the lint on their lines below keeps it so.
//!
//! Feature flags: `cli` adds the `keyrail` command line, `sandbox` the
//! embedded AWS. The provider binary is built with neither.

pub mod audit;
pub mod aws;
#[cfg(feature = "cli")]
pub mod cli;
#[deny(clippy::disallowed_methods, reason = "pure room")]
pub mod controls;
pub mod guardrails;
#[deny(clippy::disallowed_methods, reason = "pure room")]
pub mod iam;
#[deny(clippy::disallowed_methods, reason = "pure room")]
pub mod model;
pub mod provider;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod tf;
