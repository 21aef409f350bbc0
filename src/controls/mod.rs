//! The catalogue: one file per control, with one predicate over key facts and
//! one guardrail.
//!
//! Controls know nothing of Terraform, of the AWS SDK or of output formats,
//! and never ask the evaluator.
