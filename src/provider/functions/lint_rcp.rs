//! `lint_rcp`: what is wrong with a resource control policy.

use crate::iam::lint::Kind;
use crate::tf::Value;
use crate::tf::function::Function;
use crate::tf::function::FunctionError;
use crate::tf::function::Signature;

use super::findings;
use super::text::policy;

/// The function.
pub(super) struct LintRcp;

impl Function for LintRcp {
    fn name(&self) -> &'static str {
        "lint_rcp"
    }

    fn signature(&self) -> Signature {
        Signature::new(findings::ty(), "Finds mistakes in a resource control policy")
            .parameter(policy("policy", "The resource control policy as JSON."))
            .describe(format!(
                "Finds mistakes in a resource control policy (RCP): what AWS refuses, what never matches, what denies \
                 those it was written for, and what it lets slip through. {}",
                findings::RESULT
            ))
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        findings::of(arguments, Kind::ResourceControl)
    }
}
