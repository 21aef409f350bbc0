//! `timeouts`: how long each operation may wait for AWS.

use std::time::Duration;

use crate::guardrails::attach::Patience;
use crate::provider::configure::duration;
use crate::provider::configured::Configured;
use crate::tf::schema::NestedBlock;
use crate::tf::{Attribute, Block, Context, Diagnostic, Diagnostics, Field, Path, Type, Value};

/// The block.
pub(super) fn block() -> NestedBlock {
    let attribute = |(name, what, default): &(&str, &str, Duration)| {
        let minutes = default.as_secs().checked_div(60).unwrap_or_default();
        let text = format!("How long {what} may take, such as `90s` or `5m`. Default: {minutes}m.");
        ((*name).to_owned(), Attribute::optional(Type::String).describe(text))
    };
    let block = Block::new(
        "How long operations may wait for AWS: until a kind of policy is on, until another change is through, and \
         until what was attached shows. What was done until then stays, and the next apply goes on from there.",
    );
    let attributes = OPERATIONS.iter().map(attribute);
    NestedBlock::single(attributes.fold(block, |block, (name, attribute)| block.attribute(&name, attribute)))
}

/// Every text that is no duration.
pub(super) fn validate(config: &Value) -> Diagnostics {
    let wrong = OPERATIONS.iter().filter_map(|(name, ..)| {
        let text = given(config, name).filter(|text| parse(text).is_none())?;
        let detail = format!(
            "Found: `{text}`.\nRequired: a number with a unit, such as `90s` or `5m`, up to 24h.\nFix: write it so, or \
             leave it out."
        );
        let path = Path::attribute("timeouts").attr(*name);
        Some(Diagnostic::error("The timeout is not a duration", detail).at(path))
    });
    wrong.collect()
}

/// The patience of one operation: the user's, else the default.
pub(super) fn patience(context: &Context<Configured>, config: &Value, operation: &str) -> Patience {
    let default = OPERATIONS.iter().find(|(name, ..)| *name == operation).map(|(.., default)| *default);
    let limit = given(config, operation).and_then(|text| parse(&text)).or(default);
    Patience::new(limit.unwrap_or(LONG), &context.cancelled)
}

fn given(config: &Value, operation: &str) -> Option<String> {
    match config.attr("timeouts").ok()?.attr(operation).ok()?.as_str().ok()? {
        Field::Known(text) => Some(text.to_owned()),
        Field::Null | Field::Unknown => None,
    }
}

fn parse(text: &str) -> Option<Duration> {
    const DAY: Duration = Duration::from_hours(24);
    duration::parse(text).filter(|given| (Duration::from_nanos(1)..=DAY).contains(given))
}

// A hundred changes at AWS's two per second, and its "wait a few minutes" beside.
const LONG: Duration = Duration::from_mins(20);

const OPERATIONS: [(&str, &str, Duration); 4] = [
    ("create", "putting the guardrails in force", LONG),
    ("read", "reading them, for a refresh or a plan,", Duration::from_mins(10)),
    ("update", "a change", LONG),
    ("delete", "taking them away", LONG),
];
