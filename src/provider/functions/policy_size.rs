//! `policy_size`: how long a policy is where it counts.

use crate::tf::Type;
use crate::tf::Value;
use crate::tf::function::Function;
use crate::tf::function::FunctionError;
use crate::tf::function::Signature;

use super::text::document;
use super::text::policy;

/// The function.
pub(super) struct PolicySize;

impl Function for PolicySize {
    fn name(&self) -> &'static str {
        "policy_size"
    }

    fn signature(&self) -> Signature {
        Signature::new(Type::Number, "Counts the characters of a policy")
            .parameter(policy("policy", "A policy of any type as JSON."))
            .describe(
                "The length of a policy in characters without whitespace, lists of one as their element: what AWS counts \
                 if it is sent so, as `jsonencode` and keyrail do. A service control policy may have 10,240 characters, a \
                 resource control policy 5,120, a key policy 32,768.",
            )
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let length = document(arguments, 0)?.to_json().chars().count();
        let length = i64::try_from(length)
            .map_err(|_| FunctionError::new("the policy is too long to count").argument(0))?;
        Ok(length.into())
    }
}
