//! The configuration, read: what is wanted where, every mistake with its place.
//!
//! INVARIANT: an unknown value is never read as absent; [`Wanted::read`] says
//! that there is one.

use std::collections::{BTreeMap, BTreeSet};

use crate::controls::contract::doc::ControlId;
use crate::controls::contract::exemption::{Reach, check_exemption};
use crate::controls::contract::place::Place;
use crate::guardrails::plan::{Limits, NAME_PREFIX, Written};
use crate::iam::parse;
use crate::iam::policy::{Document, PolicyKind};
use crate::model::org::{PolicyType, TargetId};
use crate::provider::resources::kms_org_guardrails::names::{
    control_of, spot, unknown_control, unknown_target,
};
use crate::tf::{Diagnostic, Diagnostics, Error, Field, Path, Value};

/// What somebody wants.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// What hangs on each key of `ou_map`.
    pub(crate) hung: BTreeMap<Spot, Hung>,
    /// Each environment's place, if the resource says so itself.
    pub(crate) environments: BTreeMap<String, Place>,
    /// The kinds of policy to make.
    pub(crate) policy_types: BTreeSet<PolicyType>,
    /// Whom every statement spares.
    pub(crate) exempt: BTreeSet<String>,
    /// Who may change exempt roles and users, if the configuration says.
    pub(crate) role_administrators: Option<BTreeSet<String>>,
    /// What every name begins with.
    pub(crate) name_prefix: String,
    /// Limits lower than AWS's.
    characters: Option<usize>,
    per_target: Option<usize>,
}

/// A key of `ou_map`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Spot {
    /// `root`.
    Root,
    /// The name of an environment.
    Environment(String),
    /// An id.
    Target(TargetId),
}

/// What hangs in one place.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hung {
    /// Controls.
    pub(crate) controls: BTreeSet<ControlId>,
    /// Documents written by hand, by name.
    pub(crate) written: BTreeMap<String, (PolicyType, Document)>,
}

impl Wanted {
    /// Reads a configuration; `None` if a value that matters is unknown in
    /// this plan. `known` are the environments that the provider block names,
    /// as far as it has been read.
    pub(crate) fn read(
        config: &Value,
        known: Option<&BTreeSet<String>>,
    ) -> Result<Option<Self>, Diagnostics> {
        let mut reader = Reader { config, wrong: Diagnostics::new(), unknown: false };
        let environments = reader.environments();
        let policy_types = reader.policy_types();
        let written = reader.written();
        let names = known.map(|known| environments.keys().chain(known).cloned().collect());
        let hung = reader.hung(names.as_ref(), &written);
        let exempt = reader.exemptions("exempt_principal_arns").unwrap_or_default();
        let role_administrators = reader.exemptions("role_administrator_arns");
        let name_prefix = reader.name_prefix();
        let characters = reader.limit("max_policy_characters");
        let per_target = reader.limit("max_policies_per_target");
        let Reader { wrong, unknown, config: _ } = reader;
        if wrong.has_errors() {
            return Err(wrong);
        }
        let wanted = Self {
            hung,
            environments,
            policy_types,
            exempt,
            role_administrators,
            name_prefix,
            characters,
            per_target,
        };
        Ok((!unknown).then_some(wanted))
    }

    /// Whether a control that hangs somewhere is among these.
    pub(crate) fn hangs_any_of(&self, controls: &BTreeSet<ControlId>) -> bool {
        self.hung.values().any(|hung| !hung.controls.is_disjoint(controls))
    }

    /// Whether `ou_map` names nothing at all.
    pub(crate) fn hangs_nothing(&self) -> bool {
        self.hung.values().all(|hung| hung.controls.is_empty() && hung.written.is_empty())
    }

    /// What fits, by kind.
    pub(crate) fn limits(&self) -> BTreeMap<PolicyType, Limits> {
        let limit = |policy_type| {
            let aws = Limits::of(policy_type);
            let characters = self.characters.map_or(aws.characters, |own| own.min(aws.characters));
            let per_target = self.per_target.map_or(aws.per_target, |own| own.min(aws.per_target));
            (policy_type, Limits { characters, per_target })
        };
        [PolicyType::ServiceControl, PolicyType::ResourceControl].into_iter().map(limit).collect()
    }

    /// The documents written by hand with their targets.
    pub(crate) fn written(&self, target: impl Fn(&Spot) -> Option<TargetId>) -> Vec<Written> {
        let mut written: BTreeMap<&String, Written> = BTreeMap::new();
        for (spot, hung) in &self.hung {
            let Some(target) = target(spot) else { continue };
            for (name, (policy_type, document)) in &hung.written {
                let entry = written.entry(name).or_insert_with(|| Written {
                    name: name.clone(),
                    policy_type: *policy_type,
                    document: document.clone(),
                    targets: BTreeSet::new(),
                });
                entry.targets.insert(target.clone());
            }
        }
        written.into_values().collect()
    }
}

struct Reader<'a> {
    config: &'a Value,
    wrong: Diagnostics,
    unknown: bool,
}

/// Documents written by hand, by name.
pub(super) type Handwritten = BTreeMap<String, (PolicyType, Document)>;

impl Reader<'_> {
    fn refuse(&mut self, path: Path, summary: &str, detail: impl Into<String>) {
        self.wrong.push(Diagnostic::error(summary, detail).at(path));
    }

    /// A value that is there and known.
    fn take<T>(&mut self, read: Result<Field<T>, Error>) -> Option<T> {
        match read {
            Ok(Field::Known(value)) => Some(value),
            Ok(Field::Null) => None,
            Ok(Field::Unknown) => {
                self.unknown = true;
                None
            }
            Err(error) => {
                self.wrong.push(error.into());
                None
            }
        }
    }

    fn attribute(&self, name: &str) -> Value {
        self.config.attr(name).cloned().unwrap_or_default()
    }

    fn text(&mut self, name: &str) -> Option<String> {
        let value = self.attribute(name);
        self.take(value.as_str().map(|field| field.map(str::to_owned)))
    }

    fn limit(&mut self, name: &str) -> Option<usize> {
        let value = self.attribute(name);
        let number = self.take(value.as_i64())?;
        let limit = usize::try_from(number).ok().filter(|limit| *limit > 0);
        if limit.is_none() {
            let detail = format!("`{number}` was found; required is a whole number from 1.");
            self.refuse(Path::attribute(name), "Number out of range", detail);
        }
        limit
    }

    fn texts(&mut self, value: &Value) -> Option<Vec<String>> {
        let elements = self.take(value.elements().map(|field| field.map(<[Value]>::to_vec)))?;
        Some(
            elements
                .iter()
                .filter_map(|one| self.take(one.as_str().map(|text| text.map(str::to_owned))))
                .collect(),
        )
    }

    fn entries(&mut self, name: &str) -> BTreeMap<String, Value> {
        let value = self.attribute(name);
        self.take(value.entries().map(|field| field.map(Clone::clone))).unwrap_or_default()
    }

    fn texts_by_name(&mut self, name: &str) -> BTreeMap<String, String> {
        let entries = self.entries(name);
        let mut texts = BTreeMap::new();
        for (key, value) in entries {
            if let Some(text) = self.take(value.as_str().map(|text| text.map(str::to_owned))) {
                texts.insert(key, text);
            }
        }
        texts
    }

    fn environments(&mut self) -> BTreeMap<String, Place> {
        let mut places = BTreeMap::new();
        for (name, text) in self.texts_by_name("environments") {
            let path = Path::attribute("environments").key(&name);
            match text.parse::<Place>() {
                _ if name == "root" => self.refuse(
                    path,
                    "Reserved name",
                    "An environment is called `root`, which in `ou_map` means the root; call it otherwise.",
                ),
                Ok(place) => drop(places.insert(name, place)),
                Err(required) => {
                    self.refuse(
                        path,
                        "Invalid place",
                        format!("`{text}` was found; required is {required}."),
                    );
                }
            }
        }
        places
    }

    fn policy_types(&mut self) -> BTreeSet<PolicyType> {
        let value = self.attribute("policy_types");
        let Some(texts) = self.texts(&value) else {
            return BTreeSet::from([PolicyType::ServiceControl, PolicyType::ResourceControl]);
        };
        let mut types = BTreeSet::new();
        for text in texts {
            match text.parse::<PolicyType>() {
                Ok(policy_type) => drop(types.insert(policy_type)),
                Err(error) => self.refuse(
                    Path::attribute("policy_types"),
                    "Unknown kind of policy",
                    format!("{error}."),
                ),
            }
        }
        if types.is_empty() && !self.unknown && !self.wrong.has_errors() {
            let detail = "No kind was found; required is at least one, or the argument left out for both.";
            self.refuse(Path::attribute("policy_types"), "No kind of policy", detail);
        }
        types
    }

    fn exemptions(&mut self, name: &str) -> Option<BTreeSet<String>> {
        let value = self.attribute(name);
        let patterns: BTreeSet<String> = self.texts(&value)?.into_iter().collect();
        for pattern in &patterns {
            if let Err(required) = check_exemption(pattern, Reach::AnyAccount) {
                let detail = format!("`{pattern}` was found; required is {required}.");
                self.refuse(Path::attribute(name), "Invalid exemption", detail);
            }
        }
        Some(patterns)
    }

    /// The prefix, which a tag of every policy holds too.
    fn name_prefix(&mut self) -> String {
        let prefix = self.text("name_prefix").unwrap_or_else(|| NAME_PREFIX.to_owned());
        let accepted = |character: char| character.is_ascii_alphanumeric() || "_.:/=+-@".contains(character);
        if !(1..=64).contains(&prefix.chars().count()) || !prefix.chars().all(accepted) {
            let detail =
                format!("`{prefix}` was found; required are 1 to 64 letters, digits and `_.:/=+-@`.");
            self.refuse(Path::attribute("name_prefix"), "Invalid prefix", detail);
        }
        prefix
    }

    fn written(&mut self) -> Handwritten {
        let mut written = Handwritten::new();
        for (name, text) in self.texts_by_name("policies") {
            let path = Path::attribute("policies").key(&name);
            if control_of(&name).is_some() {
                let detail = format!("`{name}` is the name of a control; give the policy another name.");
                self.refuse(path, "Name taken", detail);
                continue;
            }
            match read_document(&text) {
                Ok(document) => drop(written.insert(name, document)),
                Err(reason) => self.refuse(path, "Invalid policy", reason),
            }
        }
        written
    }

    fn hung(
        &mut self,
        environments: Option<&BTreeSet<String>>,
        written: &Handwritten,
    ) -> BTreeMap<Spot, Hung> {
        let mut all: BTreeMap<Spot, Hung> = BTreeMap::new();
        for (key, value) in self.entries("ou_map") {
            let path = Path::attribute("ou_map").key(&key);
            let Some(names) = self.texts(&value) else { continue };
            match spot(&key, environments) {
                Some(spot) => self.hang(&path, &names, written, all.entry(spot).or_default()),
                None => self.perhaps(path, "Unknown target", || unknown_target(&key, environments)),
            }
        }
        all
    }

    fn hang(&mut self, path: &Path, names: &[String], written: &Handwritten, hung: &mut Hung) {
        for name in names {
            match (control_of(name), written.get(name)) {
                (Some(control), _) => drop(hung.controls.insert(control)),
                (None, Some(document)) => drop(hung.written.insert(name.clone(), document.clone())),
                // A policy that was refused is not called unknown as well.
                (None, None) if self.entries("policies").contains_key(name) => {}
                (None, None) => {
                    self.perhaps(path.clone(), "Unknown control", || unknown_control(name, written));
                }
            }
        }
    }

    /// Refuses what is not known, unless more may turn out once everything is.
    fn perhaps(&mut self, path: Path, summary: &str, detail: impl FnOnce() -> String) {
        if !self.unknown {
            self.refuse(path, summary, detail());
        }
    }
}

/// Which kind a document is shows in its principals: a resource control policy
/// must name everybody, a service control policy nobody.
pub(super) fn read_document(text: &str) -> Result<(PolicyType, Document), String> {
    match parse(text, PolicyKind::ServiceControl) {
        Ok(document) => Ok((PolicyType::ServiceControl, document)),
        Err(as_service) => match parse(text, PolicyKind::ResourceControl) {
            Ok(document) => Ok((PolicyType::ResourceControl, document)),
            Err(as_resource) if text.contains("\"Principal\"") => {
                Err(format!("It is no resource control policy: {as_resource}."))
            }
            Err(_) => Err(format!("It is no service control policy: {as_service}.")),
        },
    }
}

#[cfg(test)]
mod tests;
