//! What the block says besides how to reach AWS and what the controls ask:
//! tags, environments, how strict to be.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::reading::{Notes, Part};
use super::tags;
use crate::aws::config::Environment;
use crate::model::quoted;
use crate::provider::alias_format;
use crate::provider::configured::{
    DEFAULT_ALIAS_FORMAT, DEFAULT_ENVIRONMENTS, DefaultTags, Enforcement, IgnoredTags,
};

/// The choices; the arguments in `unknown` have a default that says nothing.
pub(super) struct Choices {
    pub(super) enforcement: Enforcement,
    pub(super) default_tags: DefaultTags,
    pub(super) ignored_tags: IgnoredTags,
    pub(super) environment: Option<String>,
    pub(super) allowed_environments: BTreeSet<String>,
    pub(super) policies_directory: Option<PathBuf>,
    pub(super) alias_format: String,
    pub(super) unknown: BTreeSet<&'static str>,
}

impl Choices {
    /// Reads them.
    pub(super) fn read(part: &Part<'_>, environment: &Environment, notes: &mut Notes) -> Self {
        let default_tags = tags::default_tags(part, environment, notes);
        let mut unknown = BTreeSet::new();
        let mut one = |name: &'static str, notes: &mut Notes| {
            let text = notes.text(part, name);
            unknown.extend(notes.unknown.take().map(|_| name));
            text
        };
        let enforcement = one("enforcement", notes);
        let environment_name = one("environment", notes);
        let policies_directory = one("policies_directory", notes).map(PathBuf::from);
        let alias_format = one("alias_format", notes);
        let allowed = notes.texts(part, "allowed_environments");
        unknown.extend(notes.unknown.take().map(|_| "allowed_environments"));
        let ignored_tags = tags::ignored_tags(part, environment, notes);
        unknown.extend(notes.unknown.take().map(|_| "ignore_tags"));
        let ours = Self {
            enforcement: enforcement.map_or(Enforcement::Enforce, |text| how_strict(&text, part, notes)),
            default_tags,
            ignored_tags,
            environment: environment_name,
            allowed_environments: allowed
                .map_or_else(|| DEFAULT_ENVIRONMENTS.map(str::to_owned).into(), BTreeSet::from_iter),
            policies_directory,
            alias_format: alias_format.unwrap_or_else(|| DEFAULT_ALIAS_FORMAT.to_owned()),
            unknown,
        };
        ours.check(part, notes);
        ours
    }

    fn check(&self, part: &Part<'_>, notes: &mut Notes) {
        if let Some((found, required)) = alias_format::mistake(&self.alias_format) {
            let detail = format!("Found is {found} in `alias_format`; required is {required}.");
            notes.wrong(part.place("alias_format"), "Invalid alias format", detail);
        }
        if !self.unknown.contains("ignore_tags") {
            tags::check_count(part, &self.default_tags, &self.ignored_tags, notes);
        }
        let Some(environment) = &self.environment else { return };
        let known = !self.unknown.contains("allowed_environments");
        if known && !self.allowed_environments.contains(environment) {
            let detail = format!(
                "`environment` is `{environment}`; `allowed_environments` has {}. Correct it, or add it to \
                 `allowed_environments`.",
                quoted(&self.allowed_environments)
            );
            notes.wrong(part.place("environment"), "Environment not allowed", detail);
        }
    }
}

fn how_strict(text: &str, part: &Part<'_>, notes: &mut Notes) -> Enforcement {
    match text {
        "enforce" => Enforcement::Enforce,
        "warn" => Enforcement::Warn,
        other => {
            let detail = format!("`{other}` is neither `enforce` nor `warn`.");
            notes.wrong(part.place("enforcement"), "Invalid enforcement", detail);
            Enforcement::Enforce
        }
    }
}
