//! The format of the aliases that the provider makes, and back from an alias to
//! the names it was made of.
//!
//! Pure. What is wrong with a format itself is told before any key is planned.

use crate::model::key::AliasName;
use crate::model::quoted;
use crate::tf::Field;

/// The four names that an alias can be made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    /// `{environment}`.
    pub(crate) environment: Option<String>,
    /// `{team}`.
    pub(crate) team: Option<String>,
    /// `{function}`.
    pub(crate) function: Option<String>,
    /// `{purpose}`.
    pub(crate) purpose: Option<String>,
}

/// The alias, made of environment, team, function and purpose, in this order;
/// or the attributes that are missing for it.
pub(crate) fn alias_of_parts(format: &str, parts: [&Field<String>; 4]) -> Result<String, Vec<String>> {
    let mut alias = format.to_owned();
    let mut missing = Vec::new();
    for ((placeholder, attribute), value) in PLACEHOLDERS.into_iter().zip(parts) {
        if !format.contains(placeholder) {
            continue;
        }
        match value {
            Field::Known(value) => alias = alias.replace(placeholder, value),
            Field::Null | Field::Unknown => missing.push(format!("`{attribute}`")),
        }
    }
    if missing.is_empty() { Ok(with_prefix(&alias)) } else { Err(missing) }
}

/// The names that an alias was made of, where it has the provider's format.
pub(crate) fn parts_of(alias: &str, format: &str) -> Parts {
    let mut parts = Parts::default();
    let alias = alias.strip_prefix("alias/").unwrap_or(alias);
    let format = format.strip_prefix("alias/").unwrap_or(format);
    let (words, placeholders): (Vec<_>, Vec<_>) = (alias.split('/').collect(), format.split('/').collect());
    if words.len() != placeholders.len() {
        return parts;
    }
    for (word, placeholder) in words.iter().zip(placeholders) {
        let part = match placeholder {
            "{environment}" => &mut parts.environment,
            "{team}" => &mut parts.team,
            "{function}" => &mut parts.function,
            "{purpose}" => &mut parts.purpose,
            fixed if fixed == *word => continue,
            _ => return Parts::default(),
        };
        *part = Some((*word).to_owned());
    }
    parts
}

/// An alias as AWS writes it: users may leave `alias/` out.
pub(crate) fn with_prefix(alias: &str) -> String {
    if alias.starts_with("alias/") { alias.to_owned() } else { format!("alias/{alias}") }
}

/// What AWS requires of an alias that this one does not keep to.
pub(crate) fn broken_rule(alias: &str) -> Option<&'static str> {
    match with_prefix(alias).parse::<AliasName>() {
        Ok(alias) if alias.is_reserved() => Some("a name outside `alias/aws/`, which is AWS's own"),
        // The API's pattern has the colon, and CreateAlias refuses it (KMS API
        // reference, `CreateAlias`, read 2026-11).
        Ok(alias) if alias.as_str().contains(':') => Some(ALIAS),
        Ok(_) => None,
        Err(_) => Some(ALIAS),
    }
}

/// What no names can mend in a format: what was found, and what is required.
pub(crate) fn mistake(format: &str) -> Option<(String, String)> {
    let shortest =
        PLACEHOLDERS.into_iter().fold(format.to_owned(), |alias, (name, _)| alias.replace(name, "x"));
    if let Some(unknown) = placeholder(&shortest) {
        let known = quoted(PLACEHOLDERS.map(|(name, _)| name));
        return Some((format!("the placeholder `{unknown}`"), format!("one of {known}")));
    }
    let rule = broken_rule(&shortest)?;
    Some((format!("`{format}`"), format!("a format whose aliases AWS takes: {rule}")))
}

/// What stands in the first pair of braces, with them.
fn placeholder(text: &str) -> Option<String> {
    let (_, rest) = text.split_once('{')?;
    let (name, _) = rest.split_once('}')?;
    Some(format!("{{{name}}}"))
}

const ALIAS: &str = "1 to 250 letters, digits, `/`, `_` and `-`, with or without `alias/` in front";

const PLACEHOLDERS: [(&str, &str); 4] = [
    ("{environment}", "environment_name"),
    ("{team}", "key_team"),
    ("{function}", "key_function"),
    ("{purpose}", "key_purpose"),
];
