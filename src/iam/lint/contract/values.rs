//! Values that no request has under a condition key.
//!
//! Which values there are is said in the table of condition keys. Values with
//! policy variables are never at fault here.

use crate::iam::arn::{Arn, is_account};
use crate::iam::lint::contract::doc::Severity;
use crate::iam::lint::contract::kms::{KeyDefinition, KeyType, Values, is_pattern};
use crate::iam::pattern::Pattern;
use crate::iam::policy::Comparison;
use crate::model::quoted;
use crate::model::region::Region;
use crate::model::spelling::nearest;

/// What is wrong with a value.
#[derive(Debug)]
pub(crate) struct Fault {
    /// A warning where AWS may have added the value since.
    pub(crate) severity: Severity,
    pub(crate) message: String,
    pub(crate) fix: String,
}

impl Fault {
    fn new(message: String, fix: impl Into<String>) -> Self {
        Self { severity: Severity::Error, message, fix: fix.into() }
    }

    fn maybe(message: String, fix: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, message, fix: fix.into() }
    }
}

/// Why no request has the value under the key.
pub(crate) fn fault(key: &KeyDefinition, comparison: Comparison, text: &str) -> Option<Fault> {
    let name = comparison.as_str();
    let (string, arn) = (name.starts_with("String"), name.starts_with("Arn"));
    // A wildcard under an operator that takes it literally is told by itself.
    let literally = string && !name.ends_with("Like") && is_pattern(text);
    if text.contains("${") || literally || !(string || arn) {
        return None;
    }
    let folded = name.contains("IgnoreCase");
    match key.values {
        Values::Account => account(key.name, text),
        Values::Region if folded => region(&text.to_ascii_lowercase()),
        Values::Region => region(text),
        Values::Words(words) => word(key.name, words, text, folded),
        Values::Principal => no_arn(key.name, text).filter(|_| string).or_else(|| principal(key.name, text)),
        Values::Arn => no_arn(key.name, text).filter(|_| string),
        Values::Any if key.kind == KeyType::Arn => no_arn(key.name, text).filter(|_| string),
        Values::Any => None,
    }
}

/// Why no call has the Region.
pub(crate) fn region(text: &str) -> Option<Fault> {
    let fix = || match Region::meant_by(text) {
        Some(meant) => format!("write `{meant}`, if that is what is meant"),
        None => "write the name of a Region, such as `eu-central-1`".to_owned(),
    };
    let none = || Some(Fault::new(format!("`{text}` is no name of a Region"), fix()));
    if is_pattern(text) {
        let fits =
            |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-*?".contains(letter);
        return if text.chars().all(fits) { None } else { none() };
    }
    match text.parse::<Region>() {
        Err(_) => none(),
        Ok(region) if region.tells_direction() => None,
        Ok(_) => Some(Fault::maybe(
            format!("`{text}` tells no direction before its number, as the names of all Regions do"),
            fix(),
        )),
    }
}

fn account(key: &str, text: &str) -> Option<Fault> {
    if is_account(text) || is_pattern(text) || key == "aws:PrincipalAccount" && text == "anonymous" {
        return None;
    }
    let digits: String = text.chars().filter(|letter| *letter != '-').collect();
    let meant = Arn::parse(text).map_or(digits.as_str(), |arn| arn.account);
    let fix = if is_account(meant) {
        format!("write `{meant}`")
    } else {
        "write the twelve digits of the account".to_owned()
    };
    Some(Fault::new(format!("`{text}` is no number of an account"), fix))
}

fn word(key: &str, words: &[&str], text: &str, folded: bool) -> Option<Fault> {
    let case = |text: &str| if folded { text.to_lowercase() } else { text.to_owned() };
    let pattern = Pattern::wild(&case(text));
    if words.iter().any(|word| pattern.matches(&case(word))) {
        return None;
    }
    let bare = text.rsplit(':').next().unwrap_or(text);
    let near = nearest(bare, words.iter().copied()).filter(|_| !is_pattern(text));
    let fix = match near {
        Some(meant) => format!("write `{meant}`, if that is what is meant"),
        None if words.len() <= MOST_SHOWN => format!("write one of {}", quoted(words)),
        None => "take it from the reference page of condition keys".to_owned(),
    };
    Some(Fault::maybe(format!("`{text}` is none of the values that AWS documents for `{key}`"), fix))
}

/// Under `ArnLike` and its like such a value is told of as none that they compare.
fn no_arn(key: &str, text: &str) -> Option<Fault> {
    let begin = text.split(['*', '?']).next().unwrap_or_default();
    let open = is_pattern(text) && (begin.starts_with("arn:") || "arn:".starts_with(begin));
    let fine = open || Arn::parse(text).is_some();
    (!fine).then(|| Fault::new(format!("`{text}` is no ARN, and `{key}` holds one"), "write the whole ARN"))
}

/// Source: IAM user guide, `aws:PrincipalArn`, read 2026-11.
fn principal(key: &str, text: &str) -> Option<Fault> {
    let arn = Arn::parse(text)?;
    let (kind, name) = arn.resource.split_once('/').unwrap_or((arn.resource, ""));
    if kind == "assumed-role" {
        let role = name.split('/').next().unwrap_or(name);
        return Some(Fault::new(
            format!("`{text}` is the ARN of a session, and `{key}` holds that of its role"),
            format!(
                "write `arn:{}:iam::{}:role/{role}`, with the role's path if it has one",
                arn.partition, arn.account
            ),
        ));
    }
    let is = |part: &str, known: &[&str]| {
        let pattern = Pattern::wild(part);
        known.iter().any(|known| pattern.matches(known))
    };
    let fits = is(arn.service, &["iam", "sts"])
        && is(arn.region, &[""])
        && (is_account(arn.account) || is_pattern(arn.account))
        && is(kind, &["role", "user", "root", "federated-user"]);
    (!fits).then(|| {
        Fault::new(
            format!("`{text}` is the ARN of no principal"),
            "write an ARN such as `arn:aws:iam::111122223333:role/app`",
        )
    })
}

/// A longer list is no help in a message.
const MOST_SHOWN: usize = 5;
