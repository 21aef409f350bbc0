//! The names of a key: environment, team, function and purpose make the alias
//! by the provider's format, and the alias gives them back.

use std::fmt::Display;

use crate::model::quoted;
use crate::provider::alias_format::Parts;
use crate::provider::alias_format::alias_of_parts;
use crate::provider::alias_format::parts_of;
use crate::provider::alias_format::with_prefix;
use crate::provider::configured::Configured;
use crate::provider::resources::secure_kms_key::model::Model;
use crate::provider::resources::secure_kms_key::plan::Planning;
use crate::provider::resources::secure_kms_key::plan::at;
use crate::provider::resources::secure_kms_key::plan::tags;
use crate::provider::resources::secure_kms_key::validate;
use crate::tf::Diagnostic;
use crate::tf::Diagnostics;
use crate::tf::Field;

/// Plans the names.
pub(super) fn plan(planning: &Planning<'_>, planned: &mut Model, diagnostics: &mut Diagnostics) {
    planned.environment_name = environment(planning, planned);
    planned.alias_name = alias(planning, planned, diagnostics);
    let read_back = match &planned.alias_name {
        Field::Known(_) if planning.configured.unknown.contains("alias_format") => None,
        Field::Known(alias) => Some(parts_of(alias, &planning.configured.alias_format)),
        Field::Null => Some(Parts::default()),
        Field::Unknown => None,
    };
    let part = |given: &Field<String>, take: fn(&Parts) -> &Option<String>| match (given, &read_back) {
        (Field::Null, Some(parts)) => take(parts).clone().map_or(Field::Null, Field::Known),
        (Field::Null, None) => Field::Unknown,
        (given, _) => given.clone(),
    };
    let environment = part(&planned.environment_name, |parts| &parts.environment);
    planned.environment_name = environment;
    planned.key_team = part(&planning.config.key_team, |parts| &parts.team);
    planned.key_function = part(&planning.config.key_function, |parts| &parts.function);
    planned.key_purpose = part(&planning.config.key_purpose, |parts| &parts.purpose);
}

/// The configuration's, else the provider's, else that of the tag `Environment`.
fn environment(planning: &Planning<'_>, planned: &Model) -> Field<String> {
    if !planning.config.environment_name.is_null() {
        return planning.config.environment_name.clone();
    }
    if planning.configured.unknown.contains("environment") {
        return Field::Unknown;
    }
    if let Some(environment) = &planning.configured.environment {
        return Field::Known(environment.clone());
    }
    match tags::value(planned, ENVIRONMENT_TAG) {
        Field::Known(empty) if empty.is_empty() => Field::Null,
        value @ (Field::Known(_) | Field::Null | Field::Unknown) => value,
    }
}

fn alias(planning: &Planning<'_>, planned: &Model, diagnostics: &mut Diagnostics) -> Field<String> {
    let made = match &planning.config.alias_name {
        Field::Null => made_of_parts(planning, planned, diagnostics),
        given @ (Field::Known(_) | Field::Unknown) => given.clone(),
    };
    // `app` and `alias/app` are the same alias: the state keeps its spelling.
    match (&made, planning.prior.map(|prior| &prior.alias_name)) {
        (Field::Known(made), Some(Field::Known(before))) if with_prefix(made) == with_prefix(before) => {
            Field::Known(before.clone())
        }
        _ => made,
    }
}

fn made_of_parts(planning: &Planning<'_>, planned: &Model, diagnostics: &mut Diagnostics) -> Field<String> {
    let config = planning.config;
    let format = &planning.configured.alias_format;
    let parts = [&planned.environment_name, &config.key_team, &config.key_function, &config.key_purpose];
    let format_is_known = !planning.configured.unknown.contains("alias_format");
    if !format_is_known || parts.iter().any(|part| part.is_unknown()) {
        return Field::Unknown;
    }
    match alias_of_parts(format, parts) {
        Ok(alias) => Field::Known(alias),
        Err(missing) => {
            let missing = missing.join(", ");
            let detail = format!(
                "Found: neither `alias_name` nor {missing}.\nRequired: an alias; the provider makes it as \
                 `{format}`.\nFix: set `alias_name`, or set {missing}."
            );
            diagnostics.push(Diagnostic::error("The key has no alias", detail).at(at("alias_name")));
            Field::Unknown
        }
    }
}

/// Refuses an environment that the provider does not know, and one that
/// contradicts the provider or the tag.
pub(super) fn check(planning: &Planning<'_>, planned: &Model, diagnostics: &mut Diagnostics) {
    if let (Field::Known(alias), Field::Null) = (&planned.alias_name, &planning.config.alias_name)
        && let Some(mut refusal) = validate::alias_name(alias)
    {
        let format = &planning.configured.alias_format;
        let fix =
            format!("\nFix: correct the names it is made of, or the provider's `alias_format` (`{format}`).");
        refusal.detail.push_str(&fix);
        diagnostics.push(refusal);
    }
    let Field::Known(environment) = &planned.environment_name else { return };
    let Configured { environment: own, allowed_environments: allowed, unknown, .. } = planning.configured;
    if let Some(own) = own.as_ref().filter(|own| *own != environment) {
        diagnostics.push(wrong_environment(
            format!("environment `{environment}`"),
            format!("`{own}`, the provider's `environment`"),
            format!("set `environment_name` to `{own}`, or use a provider for `{environment}`"),
        ));
    } else if !unknown.contains("allowed_environments") && !allowed.contains(environment) {
        let none = "one of the provider's `allowed_environments`, of which there are none".to_owned();
        let one = format!("one of the provider's `allowed_environments`: {}", quoted(allowed));
        diagnostics.push(wrong_environment(
            format!("environment `{environment}`"),
            if allowed.is_empty() { none } else { one },
            "use one of these, or add it to the provider's `allowed_environments`",
        ));
    }
    if let Field::Known(tag) = tags::value(planned, ENVIRONMENT_TAG)
        && tag != *environment
        && !tag.is_empty()
    {
        let own = planned.tags.clone().known().is_some_and(|tags| tags.contains_key(ENVIRONMENT_TAG));
        let path = if own { at("tags").key(ENVIRONMENT_TAG) } else { at("environment_name") };
        diagnostics.push(
            wrong_environment(
                format!("the tag `{ENVIRONMENT_TAG}` is `{tag}`"),
                format!("`{environment}`, the key's environment"),
                "make tag and `environment_name` agree; case counts",
            )
            .at(path),
        );
    }
}

fn wrong_environment(found: impl Display, required: impl Display, fix: impl Display) -> Diagnostic {
    let detail = format!("Found: {found}.\nRequired: {required}.\nFix: {fix}.");
    Diagnostic::error("The key is in the wrong environment", detail).at(at("environment_name"))
}

/// The tag that says which environment a key belongs to.
pub(in super::super) const ENVIRONMENT_TAG: &str = "Environment";
