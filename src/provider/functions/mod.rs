//! The functions `provider::kms::…`: what a configuration can ask about a
//! policy's text. All of them are pure; none needs credentials.

mod findings;
mod lint_rcp;
mod lint_scp;
mod normalize_policy;
mod policies_equivalent;
mod policy_size;
mod text;
mod validate_key_policy;

use crate::tf::function::Function;

/// Every function, by name.
pub(super) fn all() -> Vec<Box<dyn Function>> {
    vec![
        Box::new(lint_rcp::LintRcp),
        Box::new(lint_scp::LintScp),
        Box::new(normalize_policy::NormalizePolicy),
        Box::new(policies_equivalent::PoliciesEquivalent),
        Box::new(policy_size::PolicySize),
        Box::new(validate_key_policy::ValidateKeyPolicy),
    ]
}

#[cfg(test)]
mod tests;
