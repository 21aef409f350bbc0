//! `policies_equivalent`: whether two policies say the same.

use crate::iam::equivalent;
use crate::tf::Type;
use crate::tf::Value;
use crate::tf::function::Function;
use crate::tf::function::FunctionError;
use crate::tf::function::Signature;

use super::text::document;
use super::text::policy;

/// The function.
pub(super) struct PoliciesEquivalent;

impl Function for PoliciesEquivalent {
    fn name(&self) -> &'static str {
        "policies_equivalent"
    }

    fn signature(&self) -> Signature {
        Signature::new(Type::Bool, "Whether two policies say the same")
            .parameter(policy("one", "A policy of any type as JSON."))
            .parameter(policy("other", "Another one."))
            .describe(
                "Whether two policies say the same, however they are written: their forms under `normalize_policy` are \
                 equal. Policies that do are decided alike. The reverse is not promised: two policies may decide every \
                 request alike and say it differently.",
            )
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        Ok(equivalent(&document(arguments, 0)?, &document(arguments, 1)?).into())
    }
}
