//! What went wrong, in the reader's language.

use crate::aws::AwsError;
use crate::guardrails::attach::{AttachError, Cut, Halted, ID_TAG, OWNER_TAG, Report};
use crate::guardrails::change::NoRoom;
use crate::guardrails::plan::NAME_PREFIX;
use crate::model::org::TargetId;
use crate::model::quoted;
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
    if error.code() == Some("AWSOrganizationsNotInUseException") {
        diagnostic.detail.push_str(
            "\n\nThe caller's account is in no organisation. Let `profile` or `assume_role` of the provider lead to \
             the management account of the one that is to be guarded.",
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

/// A run that did not come to its end, and how far it came.
pub(super) async fn halted(context: &Context<Configured>, operation: &str, halted: &Halted) -> Diagnostic {
    let doing =
        if operation == "delete" { "take the guardrails away" } else { "put the guardrails in force" };
    let mut diagnostic = match &halted.cause {
        AttachError::Aws(error) => aws(context, doing, error).await,
        AttachError::Cut(cut) => cut_off(doing, operation, *cut, &halted.report),
        AttachError::NoRoom(error) => return no_room(error),
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
                "{}. Policies of others are never touched. Choose another `name_prefix`, or delete `{name}` if \
                 nobody needs it.",
                sentence(&halted.cause.to_string())
            ),
        )
        .at(Path::attribute("name_prefix")),
        AttachError::Taken { prefix, names } => return taken(prefix, names.iter().map(String::as_str)),
        AttachError::TakenOver(prefix) => Diagnostic::error(
            "Somebody else made the same guardrails",
            format!(
                "{}. What is in force now is in that run's state. Choose another `name_prefix` than `{prefix}`, or \
                 remove this resource.",
                sentence(&halted.cause.to_string())
            ),
        )
        .at(Path::attribute("name_prefix")),
        AttachError::Lost(_) => Diagnostic::error(format!("Cannot {doing}"), format!("{}.", halted.cause)),
    };
    diagnostic.detail.push_str("\n\n");
    diagnostic.detail.push_str(&so_far(&halted.report, operation == "delete"));
    diagnostic
}

/// Guardrails of this prefix are in force, and not in this state.
pub(super) fn taken<'a>(prefix: &str, names: impl Iterator<Item = &'a str>) -> Diagnostic {
    let names = quoted(names);
    Diagnostic::error(
        "Guardrails with this prefix exist already",
        format!(
            "Found: {names}, in force in this organisation, made with `name_prefix` = `{prefix}` by another resource.\n\
             Required: a prefix that nobody has, for a new resource takes nothing over.\n\
             Fix: choose another `name_prefix`. If these are this resource's own, bring them into the state: \
             `terraform import ADDRESS '{prefix}'`, or a `moved` block if only the address changed. If the resource is \
             tainted, Terraform tells it nothing of what it was: `terraform untaint ADDRESS`, and \
             `terraform apply -replace=ADDRESS` if they are to be made anew."
        ),
    )
    .at(Path::attribute("name_prefix"))
}

/// Another prefix would take protected guardrails away.
pub(super) fn replaced_while_protected(before: &str, after: Option<&str>) -> Diagnostic {
    let after = after.map_or("a value known only after apply".to_owned(), |after| format!("`{after}`"));
    Diagnostic::error(
        "Guardrails are protected against deletion",
        format!(
            "Found: `name_prefix` changes from `{before}` to {after}, which replaces the guardrails, and \
             `deletion_protection = true`.\n\
             Required: `deletion_protection = false` in the state before a replacement.\n\
             Fix: keep `name_prefix`, or set `deletion_protection = false`, apply, and change it then, with \
             `create_before_destroy` so that nothing is unguarded in between."
        ),
    )
    .at(Path::attribute("name_prefix"))
}

/// No id could be drawn.
pub(super) fn no_id(error: &impl std::fmt::Display) -> Diagnostic {
    let detail = format!("The machine gives no random number, of which the tag `{ID_TAG}` is made: {error}.");
    Diagnostic::error("Cannot tell these guardrails from others", detail)
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn cut_off(doing: &str, operation: &str, cut: Cut, report: &Report) -> Diagnostic {
    let waited =
        report.waited_for.as_ref().map(|last| format!(" AWS was waited for: {last}.")).unwrap_or_default();
    match cut {
        Cut::TimeUp(limit) => Diagnostic::error(
            format!("Cannot {doing} in time"),
            format!(
                "It took longer than the {} seconds that `timeouts` allow.{waited}\n\nGive `timeouts.{operation}` more \
                 time if this is how long AWS takes.",
                limit.as_secs()
            ),
        )
        .at(Path::attribute("timeouts").attr(operation)),
        Cut::Interrupted => {
            Diagnostic::error(format!("Interrupted while trying to {doing}"), format!("The user interrupted.{waited}"))
        }
    }
}

/// How far a run came, and how it goes on.
fn so_far(report: &Report, taking_away: bool) -> String {
    let Report { done, doing, left, .. } = report;
    let mut text = match done.as_slice() {
        [] => "Nothing was changed before.".to_owned(),
        [only] => format!("Done before: {only}."),
        [.., last] => format!("Done before: {} steps, the last one {last}.", done.len()),
    };
    if let Some(doing) = doing {
        text.push_str(&format!(" It stopped at: {doing}; {left} steps were still ahead."));
    }
    let (protection, again) = if taking_away {
        ("What was not reached still protects.", "Destroy again")
    } else {
        ("No target lost what protects it both before and after.", "Apply again")
    };
    text.push_str(&format!(" {protection} {again}: what was done is found, and the run goes on from there."));
    text
}

/// There is no order of steps that keeps up protection.
pub(super) fn no_room(error: &NoRoom) -> Diagnostic {
    let place = error.target.as_ref().map_or("the target".to_owned(), |target| format!("`{target}`"));
    Diagnostic::error(
        "No room for a change without a gap",
        format!(
            "{}{}. An update never leaves a target with less protection than it has before and after, so nothing is \
             changed. Detach a policy that is not ours from {place} for the time of this change, or make the change \
             in two applies, the first of which adds and the second of which takes away.",
            "The policy ", error
        ),
    )
    .at(Path::attribute("ou_map"))
}

/// What apply would attach is not what the plan showed.
pub(super) fn changed_since() -> Diagnostic {
    Diagnostic::error(
        "The organisation has changed since the plan",
        "Found: policies of this prefix, or places, that are not what they were when the plan was made.\n\
         Required: that apply attaches what the plan shows; nothing was changed.\n\
         Fix: plan and apply again.",
    )
    .at(Path::attribute("documents"))
}

/// Another change of the organisation, of this same apply, did not come to its end.
pub(super) fn cut_waiting(cut: Cut) -> Diagnostic {
    Diagnostic::error(
        "Another change of the organisation is under way",
        format!(
            "AWS takes one change at a time, and while this one waited {cut}; nothing was changed. Apply again."
        ),
    )
}

/// Reading did not come to its end; nothing was changed.
pub(super) fn cut_reading(cut: Cut) -> Diagnostic {
    match cut {
        Cut::TimeUp(limit) => Diagnostic::error(
            "Cannot read the organisation in time",
            format!(
                "Reading took longer than the {} seconds that `timeouts` allow; nothing was changed. Give it more time, \
                 or come back when AWS is less busy.",
                limit.as_secs()
            ),
        )
        .at(Path::attribute("timeouts")),
        Cut::Interrupted => Diagnostic::error(
            "Interrupted while reading the organisation",
            "The user interrupted; nothing was changed.",
        ),
    }
}

/// An `ou_map` of which no policy comes.
pub(super) fn nothing_to_guard() -> Diagnostic {
    Diagnostic::error(
        "Nothing to guard",
        "`ou_map` names no control and no policy that could hang anywhere, or none of the kinds in `policy_types`; \
         required is at least one, such as `root = [\"key-rotation\"]`. To take guardrails away, set \
         `deletion_protection` to false, apply, and destroy the resource.",
    )
    .at(Path::attribute("ou_map"))
}

pub(crate) fn not_connected(context: &Context<Configured>) -> Diagnostic {
    let reason = match &context.provider.session {
        Err(reason) => format!("{reason}. Apply what it hangs on first, with `-target`."),
        Ok(_) => "A value of the configuration is still unknown.".to_owned(),
    };
    Diagnostic::error("AWS cannot be asked yet", reason)
}

/// A data source is read before the settings of its controls are known.
pub(crate) fn undecided() -> Diagnostic {
    Diagnostic::error(
        "Settings of controls are known only after apply",
        "Found: a setting in the provider's `controls`, or a waiver, that is unknown in this plan, of a control that \
         `ou_map` names or that says where environments are.\n\
         Required: settings that are known when a data source is read; documents made from defaults would be others.\n\
         Fix: let the data source wait with `depends_on` for what the setting comes from, or apply that first, with \
         `-target`.",
    )
    .at(Path::attribute("ou_map"))
}

pub(super) fn nothing_to_import(id: &str) -> Diagnostic {
    Diagnostic::error(
        "No guardrails to import",
        format!(
            "No policy whose name begins with `{id}` carries the tag `{OWNER_TAG}` = `{id}`. The id for an import is \
             the `name_prefix` that the guardrails were made with, such as `{NAME_PREFIX}`."
        ),
    )
}
