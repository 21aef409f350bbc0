//! What AWS would never accept, refused before the provider is configured.
//! Values that are not known yet are checked again with the plan.

mod policy;

use std::fmt::Display;

use crate::model::key::RotationPeriod;
use crate::model::key::WindowDays;
use crate::model::quota::KEY_DESCRIPTION_CHARACTERS;
use crate::model::region::Region;
use crate::provider::alias_format::broken_rule;
use crate::provider::resources::secure_kms_key::model::Model;
use crate::provider::resources::secure_kms_key::wanted;
use crate::provider::tag_rules;
use crate::provider::tag_rules::Broken;
use crate::tf::Diagnostic;
use crate::tf::Diagnostics;
use crate::tf::Field;
use crate::tf::Path;

pub(super) use policy::policy_text;

/// Checks a configuration.
pub(super) fn validate(config: &Model) -> Diagnostics {
    let mut found = Diagnostics::new();
    names(config, &mut found);
    conflicts(config, &mut found);
    numbers(config, &mut found);
    kinds(config, &mut found);
    tags(config, &mut found);
    principals(config, &mut found);
    timeouts(config, &mut found);
    if let Field::Known(text) = &config.key_policy {
        found.extend(policy_text(text, &at("key_policy")));
    }
    found
}

fn names(config: &Model, found: &mut Diagnostics) {
    for (attribute, value) in [
        ("environment_name", &config.environment_name),
        ("key_function", &config.key_function),
        ("key_team", &config.key_team),
        ("key_purpose", &config.key_purpose),
    ] {
        if let Field::Known(name) = value
            && !is_name(name)
        {
            found.push(wrong(
                "The name has a character that an alias cannot have",
                format!("`{name}`"),
                "1 to 64 lower-case letters, digits and hyphens",
                &at(attribute),
            ));
        }
    }
    if let Field::Known(alias) = &config.alias_name {
        found.extend(alias_name(alias));
    }
    if let Field::Known(region) = &config.region
        && region.parse::<Region>().is_err()
    {
        let found_here = format!("`{region}`");
        found.push(wrong("Invalid AWS region", found_here, "a name such as `eu-west-1`", &at("region")));
    }
    for (attribute, value) in
        [("key_description", &config.key_description), ("description", &config.description)]
    {
        if let Field::Known(text) = value {
            let length = text.chars().count();
            if length > KEY_DESCRIPTION_CHARACTERS.value {
                let required = format!("at most {} characters", KEY_DESCRIPTION_CHARACTERS.value);
                found.push(wrong(
                    "The description is too long",
                    format!("{length} characters"),
                    &required,
                    &at(attribute),
                ));
            }
        }
    }
}

/// Why AWS would not take this alias.
pub(super) fn alias_name(alias: &str) -> Option<Diagnostic> {
    let required = broken_rule(alias)?;
    let length = alias.chars().count();
    let found = match length {
        0 => "an empty text".to_owned(),
        1..=256 => format!("`{alias}`"),
        _ => format!("{length} characters: `{alias}`"),
    };
    Some(wrong("The alias is not one that AWS accepts", found, required, &at("alias_name")))
}

fn conflicts(config: &Model, found: &mut Diagnostics) {
    if let (Field::Known(a), Field::Known(b)) = (&config.key_description, &config.description)
        && a != b
    {
        found.push(conflict("description", "key_description", "they are two names of the same thing"));
    }
    if let (Field::Known(_), Field::Known(_)) = (&config.key_policy, &config.custom_policy) {
        found.push(conflict("custom_policy", "key_policy", "a key has one policy"));
    }
    let policy = [("key_policy", &config.key_policy), ("custom_policy", &config.custom_policy)];
    let Some((given, _)) = policy.into_iter().find(|(_, policy)| matches!(policy, Field::Known(_))) else {
        return;
    };
    for (attribute, names) in role_sets(config) {
        let named = names.elements().ok().and_then(Field::known).is_some_and(|names| !names.is_empty());
        if named {
            found.push(conflict(
                attribute,
                given,
                "roles make the generated policy, and this key has a given one",
            ));
        }
    }
    if config.allow_iam_policies.known().is_some() {
        found.push(conflict(
            "allow_iam_policies",
            given,
            "it shapes the generated policy, and this key has a given one",
        ));
    }
}

fn numbers(config: &Model, found: &mut Diagnostics) {
    if let Field::Known(days) = config.deletion_window_in_days
        && let Err(error) = WindowDays::try_from(days)
    {
        found.push(wrong(
            "The deletion window is not one that AWS accepts",
            format!("{days} days"),
            error.expected(),
            &at("deletion_window_in_days"),
        ));
    }
    let Field::Known(days) = config.rotation_period_in_days else { return };
    if let Err(error) = RotationPeriod::try_from(days) {
        found.push(wrong(
            "The rotation period is not one that AWS accepts",
            format!("{days} days"),
            error.expected(),
            &at("rotation_period_in_days"),
        ));
    }
    if config.enable_key_rotation == Field::Known(false) {
        found.push(wrong(
            "A rotation period without rotation",
            format!("`rotation_period_in_days = {days}` beside `enable_key_rotation = false`"),
            "`enable_key_rotation = true`, or no period",
            &at("rotation_period_in_days"),
        ));
    }
}

fn kinds(config: &Model, found: &mut Diagnostics) {
    for (attribute, value, supported) in [
        ("key_spec", &config.key_spec, "SYMMETRIC_DEFAULT"),
        ("key_usage", &config.key_usage, "ENCRYPT_DECRYPT"),
    ] {
        if let Field::Known(kind) = value
            && kind != supported
        {
            let required = format!("`{supported}`; this version manages symmetric encryption keys");
            found.push(wrong(
                "This kind of key is not supported",
                format!("`{kind}`"),
                &required,
                &at(attribute),
            ));
        }
    }
    if let Field::Known(what) = &config.on_destroy
        && !["schedule_deletion", "disable", "retain"].contains(&what.as_str())
    {
        found.push(wrong(
            "There is no such way to destroy a key",
            format!("`{what}`"),
            "`schedule_deletion`, `disable` or `retain`",
            &at("on_destroy"),
        ));
    }
}

fn tags(config: &Model, found: &mut Diagnostics) {
    let Field::Known(tags) = &config.tags else { return };
    let mut tell = |broken: Broken, path: &Path| {
        found.push(wrong(broken.summary, broken.found, &broken.required, path));
    };
    if let Some(broken) = tag_rules::too_many(tags.len()) {
        tell(broken, &at("tags"));
    }
    for (key, value) in tags {
        for broken in tag_rules::broken(key, value) {
            tell(broken, &at("tags").key(key));
        }
    }
}

fn principals(config: &Model, found: &mut Diagnostics) {
    for (attribute, names) in role_sets(config) {
        let Ok(Field::Known(names)) = names.elements() else { continue };
        for name in names {
            let Ok(Field::Known(arn)) = name.as_str() else { continue };
            let resource = arn.strip_prefix("arn:").and_then(|rest| rest.splitn(5, ':').nth(4));
            let accepted = resource.is_some_and(|resource| {
                ["role/", "user/", "assumed-role/"].iter().any(|kind| resource.starts_with(kind))
            });
            if !accepted {
                found.push(wrong(
                    "The principal is not one that a key policy can name",
                    format!("`{arn}`"),
                    "the ARN of a role or a user, such as `arn:aws:iam::123456789012:role/app`; groups cannot be named",
                    &at(attribute),
                ));
            }
        }
    }
}

fn timeouts(config: &Model, found: &mut Diagnostics) {
    for operation in ["create", "update", "delete"] {
        let given = config.timeouts.attr(operation).and_then(|value| Ok(value.as_str()?.map(str::to_owned)));
        if let Ok(Field::Known(text)) = given
            && wanted::duration(&text).is_none()
        {
            found.push(wrong(
                "The timeout is not a duration",
                format!("`{text}`"),
                "a number with a unit, such as `90s` or `5m`, up to 24h",
                &at("timeouts").attr(operation),
            ));
        }
    }
}

fn role_sets(config: &Model) -> [(&'static str, &crate::tf::Value); 4] {
    [
        ("key_owners", &config.key_owners),
        ("key_administrators", &config.key_administrators),
        ("key_users", &config.key_users),
        ("key_service_users", &config.key_service_users),
    ]
}

fn is_name(name: &str) -> bool {
    let accepted = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=64).contains(&name.len()) && name.bytes().all(accepted)
}

fn conflict(attribute: &str, other: &str, why: &str) -> Diagnostic {
    Diagnostic::error(
        "Two arguments contradict each other",
        format!(
            "Found: `{attribute}` and `{other}`.\nRequired: one of them, because {why}.\nFix: remove one."
        ),
    )
    .at(at(attribute))
}

fn wrong(summary: &str, found: impl Display, required: &str, path: &Path) -> Diagnostic {
    Diagnostic::error(summary, format!("Found: {found}.\nRequired: {required}.")).at(path.clone())
}

fn at(attribute: &str) -> Path {
    Path::attribute(attribute)
}

#[cfg(test)]
mod tests;
