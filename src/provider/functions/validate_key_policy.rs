//! `validate_key_policy`: a key policy's text, or why it must not be used.

use std::fmt::Write;

use crate::iam::lint::Finding;
use crate::iam::lint::Kind;
use crate::iam::lint::Severity;
use crate::iam::lint::Surroundings;
use crate::iam::lint::lint;
use crate::model::account::AccountId;
use crate::tf::Type;
use crate::tf::Value;
use crate::tf::function::Function;
use crate::tf::function::FunctionError;
use crate::tf::function::Parameter;
use crate::tf::function::Signature;

use super::text::policy;
use super::text::text;

/// The function.
pub(super) struct ValidateKeyPolicy;

impl Function for ValidateKeyPolicy {
    fn name(&self) -> &'static str {
        "validate_key_policy"
    }

    fn signature(&self) -> Signature {
        Signature::new(Type::String, "Returns a key policy if it has no errors")
            .parameter(policy("policy", "The key policy as JSON."))
            .variadic(Parameter::new(
                "account",
                Type::String,
                "The number of the key's account, at most once. Without it the account is one that may change the \
                 policy: no other can.",
            ))
            .describe(
                "Returns the text of a key policy as it is given, and fails if it has errors: if AWS would refuse it, if \
                 a statement can never match, if anybody at all is let in, or if nobody could ever change it again. The \
                 message names each error with its place and its rule, whose page is under `docs/lint`. Warnings pass; \
                 `keyrail lint --type key` shows them.",
            )
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let text = text(arguments, 0)?;
        let surroundings = Surroundings { account: account(arguments)?, ..Surroundings::default() };
        let found = lint(text, Kind::Key, &surroundings);
        let errors: Vec<Finding> =
            found.into_iter().filter(|finding| finding.severity == Severity::Error).collect();
        if errors.is_empty() {
            return Ok(text.into());
        }
        let mut told = match errors.len() {
            1 => "the key policy has an error:".to_owned(),
            count => format!("the key policy has {count} errors:"),
        };
        for Finding { rule, at, statement, message, fix, .. } in errors {
            let place = statement.map_or_else(String::new, |statement| format!(", statement `{statement}`"));
            // Writing into a string does not fail.
            write!(told, "\n\n{at}{place}: {message}; {fix} ({})", rule.id).unwrap_or_default();
        }
        Err(FunctionError::new(told).argument(0))
    }
}

/// The account, if it is given.
fn account(arguments: &[Value]) -> Result<Option<AccountId>, FunctionError> {
    if arguments.len() > 2 {
        return Err(
            FunctionError::new("a key is of one account: leave the further arguments out").argument(2)
        );
    }
    if arguments.len() < 2 {
        return Ok(None);
    }
    let parsed = text(arguments, 1)?.parse::<AccountId>();
    parsed.map(Some).map_err(|error| FunctionError::new(error.to_string()).argument(1))
}
