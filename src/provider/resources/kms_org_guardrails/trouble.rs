//! What went wrong, in the reader's language.

use crate::aws::AwsError;
use crate::guardrails::attach::{AttachError, OWNER_TAG};
use crate::model::org::TargetId;
use crate::provider::configured::Configured;
use crate::provider::diagnostic::aws_failure;
use crate::provider::resources::kms_org_guardrails::survey::SurveyError;
use crate::tf::{Context, Diagnostic, Path};

/// A call that failed. `doing` completes the sentence "Cannot …".
pub(crate) async fn aws(context: &Context<Configured>, doing: &str, error: &AwsError) -> Diagnostic {
    let caller = match &context.provider.session {
        Ok(session) => context.provider.caller(session).await.ok(),
        Err(_) => None,
    };
    let mut diagnostic = aws_failure(doing, error, caller.as_ref());
    if error.fault() == crate::aws::Fault::AccessDenied {
        diagnostic.detail.push_str(
            "\n\nGuardrails are made in the organisation's management account, or in an account that Organizations is \
             delegated to: set `assume_role` or `profile` of the provider so that it works there.",
        );
    }
    diagnostic
}

pub(crate) async fn survey(context: &Context<Configured>, error: &SurveyError) -> Diagnostic {
    match error {
        SurveyError::Aws(error) => aws(context, "read the organisation", error).await,
        SurveyError::Nowhere { target, named_by } => nowhere(target, named_by.as_ref()),
        SurveyError::NoPolicies => Diagnostic::error(
            "Organisation without policies",
            "The organisation has consolidated billing only; guardrails require all features. Switch them on in the \
             management account under Organizations, Settings.",
        ),
    }
}

fn nowhere(target: &TargetId, named_by: Option<&Path>) -> Diagnostic {
    let place = named_by
        .map_or("the provider's control `environment_boundary`".to_owned(), |path| format!("`{path}`"));
    let detail = format!(
        "`{target}` was found in {place}; required is the id of a root, a unit or an account of this organisation. \
         `aws organizations list-organizational-units-for-parent` lists the units."
    );
    Diagnostic::error("No such place in the organisation", detail)
        .at(named_by.cloned().unwrap_or_else(Path::root))
}

pub(super) async fn attach(context: &Context<Configured>, error: &AttachError) -> Diagnostic {
    match error {
        AttachError::Aws(error) => {
            let mut diagnostic = aws(context, "put the guardrails in force", error).await;
            diagnostic.detail.push_str(
                "\n\nNothing that protected before was taken away. Apply again: what was made is found and continued.",
            );
            diagnostic
        }
        AttachError::TypeOff(policy_type) => Diagnostic::error(
            "Kind of policy is switched off",
            format!(
                "Policies of type {policy_type} are off in this organisation. Set `enable_policy_types` to true, or \
                 leave the type out of `policy_types`."
            ),
        )
        .at(Path::attribute("enable_policy_types")),
        AttachError::NotOurs { name, .. } => Diagnostic::error(
            "Policy name taken",
            format!(
                "{error}. Policies of others are never touched. Choose another `name_prefix`, or delete `{name}` if \
                 nobody needs it."
            ),
        )
        .at(Path::attribute("name_prefix")),
        AttachError::NotVerified(_) => Diagnostic::error(
            "Guardrails are not in force yet",
            format!("{error}. AWS shows changes after seconds, sometimes minutes. Apply again."),
        ),
    }
}

pub(crate) fn not_connected(context: &Context<Configured>) -> Diagnostic {
    let reason = match &context.provider.session {
        Err(reason) => format!("{reason}. Apply what it hangs on first, with `-target`."),
        Ok(_) => "A value of the configuration is still unknown.".to_owned(),
    };
    Diagnostic::error("AWS cannot be asked yet", reason)
}

pub(super) fn nothing_to_import(id: &str) -> Diagnostic {
    Diagnostic::error(
        "No guardrails to import",
        format!(
            "No policy whose name begins with `{id}` carries the tag `{OWNER_TAG}` = `{id}`. The id for an import is \
             the `name_prefix` that the guardrails were made with, such as `keyrail-`."
        ),
    )
}
