//! `normalize_policy`: the one text of all policies that say the same.

use crate::iam::canonical;
use crate::tf::Type;
use crate::tf::Value;
use crate::tf::function::Function;
use crate::tf::function::FunctionError;
use crate::tf::function::Signature;

use super::text::document;
use super::text::policy;

/// The function.
pub(super) struct NormalizePolicy;

impl Function for NormalizePolicy {
    fn name(&self) -> &'static str {
        "normalize_policy"
    }

    fn signature(&self) -> Signature {
        Signature::new(Type::String, "Brings a policy into one form")
            .parameter(policy("policy", "A policy of any type as JSON."))
            .describe(
                "Brings a policy into the one form of all that say the same, as JSON without whitespace. Lists are sorted \
                 and free of repetition, a list of one is its element, `{\"AWS\": \"*\"}` is `\"*\"`, the ARN of an \
                 account's root user is the account's number, letter case falls where AWS ignores it (actions of KMS and \
                 known condition keys are in AWS's spelling), numbers and booleans are strings, and the order of \
                 statements goes. `Id` and `Sid` stay, and so does the id of a deleted role, which is no spelling of its \
                 ARN. Every request is decided as before.",
            )
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        Ok(canonical(&document(arguments, 0)?).to_json().into())
    }
}
