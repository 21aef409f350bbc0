//! What our policies carry beside their documents: description and tags, as
//! they are to be and as they are.

use crate::guardrails::attach::{Claim, Livery, OwnerId, owner_of};
use crate::guardrails::change::InForce;
use crate::model::quota;
use crate::model::tag::Tags;
use crate::provider::configured::Configured;
use crate::provider::resources::kms_org_guardrails::wanted::Wanted;
use crate::provider::resources::kms_org_guardrails::{flag, memory, text, trouble};
use crate::provider::tag_rules::{self, Broken};
use crate::tf::{Diagnostic, Diagnostics, Error, Field, Path, Value};

/// What the policies carry once they are in force.
pub(super) fn livery(
    provider: &Configured,
    planned: &Value,
    wanted: &Wanted,
    claim: &Claim,
    current: &[InForce],
) -> Result<Livery, Diagnostics> {
    let id = match claim {
        Claim::Of(id) => Some(id.clone()),
        Claim::Any => current.iter().find_map(|policy| owner_of(&policy.tags)),
        Claim::New => None,
    };
    let id = id.map_or_else(OwnerId::draw, Ok).map_err(|error| trouble::no_id(&error))?;
    let mut tags = provider.with_default_tags(&own(planned));
    // What an import misses for lack of room it shows as a change.
    let room = MOST.saturating_sub(tags.len());
    tags.extend(memory::keep(planned).into_iter().take(room));
    Ok(Livery {
        owner: wanted.name_prefix.clone(),
        id,
        claim: claim.clone(),
        description: text(planned, "description").unwrap_or_default(),
        tags,
        ignored: provider.ignored_tags.clone(),
        enable_policy_types: flag(planned, "enable_policy_types"),
    })
}

/// Every tag that is ours to set, as far as this plan knows it.
pub(super) fn tags_all(provider: &Configured, planned: &Value) -> Value {
    let tags = planned.attr("tags").map(Value::entries);
    let Ok(Ok(Field::Known(tags))) = tags else { return Value::UNKNOWN };
    let read = |(key, value): (&String, &Value)| Some((key.clone(), value.as_str().ok()?.map(str::to_owned)));
    let all = provider.all_tags(&tags.iter().filter_map(read).collect());
    all.map_or(Value::UNKNOWN, |all| {
        Value::map(all.into_iter().map(|(key, value)| (key, Value::from(value))))
    })
}

/// Puts description and tags into the state as they are found. Where one policy
/// differs from what the state says of all, it is that one that shows.
pub(super) fn found(provider: &Configured, current: &[InForce], state: &mut Value) -> Result<(), Error> {
    let said = text(state, "description");
    let other = current.iter().find(|policy| Some(&policy.description) != said.as_ref());
    if let Some(other) = other {
        state.set_attr("description", other.description.as_str())?;
    }
    let said = entries(state, "tags_all");
    let visible = |policy: &InForce| {
        let mut tags = memory::recall(&policy.tags).1;
        tags.retain(|key, _| !provider.ignored_tags.ignores(key));
        tags
    };
    let mut visible = current.iter().map(visible);
    let Some(all) = visible.find(|tags| Some(tags) != said.as_ref()) else { return Ok(()) };
    let mut own = own(state);
    let mut shown = all.clone();
    shown.retain(|key, value| own.contains_key(key) || !provider.default_tags.may_give(key, value));
    // A tag of the user's own that the provider ignores stays as it was written.
    own.retain(|key, _| provider.ignored_tags.ignores(key));
    shown.extend(own);
    state.set_attr("tags", map(&shown))?;
    state.set_attr("tags_all", map(&all))
}

/// What AWS refuses of `description` and `tags`, and what would take our own tags' place.
pub(super) fn validate(config: &Value) -> Diagnostics {
    let mut found = Diagnostics::new();
    if let Some(description) = text(config, "description") {
        let (length, most) = (description.chars().count(), quota::POLICY_DESCRIPTION_CHARACTERS.value);
        if length == 0 || length > most {
            let required = format!("1 to {most} characters; AWS ignores an empty one when a policy changes");
            let path = Path::attribute("description");
            found.push(wrong(
                "The description has the wrong length",
                &format!("{length} characters"),
                &required,
                path,
            ));
        }
    }
    let tags = config.attr("tags").ok().and_then(|tags| tags.entries().ok()?.known());
    let Some(tags) = tags else { return found };
    found.extend(too_many(tags.len(), ""));
    found.extend(tags.iter().flat_map(|(key, value)| tag(key, value)));
    found
}

fn tag(key: &str, value: &Value) -> Vec<Diagnostic> {
    let Ok(value) = value.as_str() else { return Vec::new() };
    let refused = |broken: Broken| {
        wrong(broken.summary, &broken.found, &broken.required, Path::attribute("tags").key(key))
    };
    tag_rules::broken(key, &value.map(str::to_owned)).into_iter().map(refused).collect()
}

/// More tags than AWS takes, the provider's counted in. Too many of the user's own are refused before.
pub(super) fn check(planned: &Value) -> Option<Diagnostic> {
    let count = |name: &str| Some(planned.attr(name).ok()?.entries().ok()?.known()?.len());
    let (own, all) = (count("tags")?, count("tags_all")?);
    if own > MOST { None } else { too_many(all, " in `tags` and the provider's `default_tags`") }
}

fn too_many(count: usize, place: &str) -> Option<Diagnostic> {
    let required = format!("at most {MOST}: AWS allows {}, and two are our own", quota::TAGS.value);
    let path = Path::attribute("tags");
    (count > MOST).then(|| wrong("Too many tags", &format!("{count} tags{place}"), &required, path))
}

fn wrong(summary: &str, found: &str, required: &str, path: Path) -> Diagnostic {
    Diagnostic::error(summary, format!("Found: {found}.\nRequired: {required}.")).at(path)
}

fn own(value: &Value) -> Tags {
    entries(value, "tags").unwrap_or_default()
}

fn entries(value: &Value, name: &str) -> Option<Tags> {
    let entries = value.attr(name).ok()?.entries().ok()?.known()?;
    let known =
        |(key, value): (&String, &Value)| Some((key.clone(), value.as_str().ok()?.known()?.to_owned()));
    Some(entries.iter().filter_map(known).collect())
}

fn map(tags: &Tags) -> Value {
    Value::map(tags.iter().map(|(key, value)| (key.clone(), Value::string(value))))
}

// Two tags tell whose a policy is; the memory takes what is left.
const MOST: usize = quota::TAGS.value - 2;
