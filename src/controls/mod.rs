//! The catalogue: one file per control, with one predicate over key facts and
//! one guardrail.
//!
//! Controls know nothing of Terraform, of the AWS SDK or of output formats,
//! and never ask the evaluator. Adding one is a new file, its `mod` line and
//! its line in [`CONTROLS`].

pub mod catalogue;
pub mod contract;
mod deletion_window;
mod environment_boundary;
mod key_rotation;
#[cfg(test)]
mod laws;
mod mfa_for_critical_operations;
mod required_tags;

use std::fmt::Debug;

use contract::doc::{ControlId, Doc};
use contract::facts::KeyFacts;
use contract::guardrail::Guardrail;
use contract::settings::{SettingError, SettingSpec, Settings};
use contract::verdict::Verdict;

use crate::iam::policy::Statement;
use crate::model::fact::Fact;

/// The definition of a control: what exists before anybody has chosen settings.
pub trait Control: Debug + Send + Sync + 'static {
    /// Its id in words, such as `deletion-window`; the file is named after it.
    fn id(&self) -> ControlId;

    /// The name of its settings in the provider's `controls` argument.
    fn argument(&self) -> &'static str;

    /// What it requires, why, how to mend it, and where that comes from.
    fn doc(&self) -> &'static Doc;

    /// The settings it takes; schema, command line and docs are made from these.
    fn settings(&self) -> &'static [SettingSpec];

    /// Whether some settings make its rule ask anything of a key policy. As long
    /// as the settings of one that does are unknown, no policy can be generated.
    fn shapes_key_policy(&self) -> bool {
        true
    }

    /// Binds the settings, once. Everything inside the rule is in range.
    fn configure(&self, settings: &Settings) -> Result<Box<dyn Rule>, SettingError>;
}

/// A control with its settings bound: ready to be asked.
pub trait Rule: Debug + Send + Sync {
    /// Whether the key is as required. Asked of a plan and of a live key alike.
    fn check(&self, key: &KeyFacts) -> Verdict;

    /// What hangs into the organisation, and what cannot be expressed there.
    fn guardrail(&self) -> Guardrail;

    /// The statements that a key policy must carry for [`Rule::check`] to be
    /// satisfied with it; a policy that is generated for this key carries them.
    /// Unknown while they hang on something of the key that is.
    fn key_policy_statements(&self, _key: &KeyFacts) -> Fact<Vec<Statement>> {
        Fact::Known(Vec::new())
    }
}

/// Every control, in the order of their ids.
pub static CONTROLS: &[&dyn Control] = &[
    &deletion_window::DeletionWindow,
    &environment_boundary::EnvironmentBoundary,
    &key_rotation::KeyRotation,
    &mfa_for_critical_operations::MfaForCriticalOperations,
    &required_tags::RequiredTags,
];
