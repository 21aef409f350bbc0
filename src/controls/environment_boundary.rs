//! A key of one environment is used from that environment alone.
//!
//! The key's tag says which environment it belongs to; the organisation's
//! paths say where a principal is. The Deny in the key policy names only what
//! other accounts can call at all, so that it can never lock the key's own
//! account out.

mod statements;

use std::collections::{BTreeMap, BTreeSet};

use crate::controls::contract::doc::{ControlId, Doc, Reference, Severity};
use crate::controls::contract::exemption::{Reach, check_exemptions};
use crate::controls::contract::facts::{KeyFacts, required};
use crate::controls::contract::guardrail::{Environment, Guardrail};
use crate::controls::contract::key_policy;
use crate::controls::contract::place::{Place, check_apart};
use crate::controls::contract::settings::{
    ORGANIZATION_ID, SettingError, SettingKind, SettingSpec, SettingValue, Settings, text, texts,
};
use crate::controls::contract::tags::{check_tag_key, check_tag_value, spellings};
use crate::controls::contract::verdict::{Property, Verdict, Violation};
use crate::controls::{Control, Rule};
use crate::iam::policy::Statement;
use crate::model::fact::Fact;
use crate::model::org::OrganizationId;
use crate::model::quoted;

/// The definition.
#[derive(Debug)]
pub(super) struct EnvironmentBoundary;

#[derive(Debug)]
struct Boundaries {
    tag: String,
    places: BTreeMap<String, Place>,
    /// Places whose principals may use the keys of every environment.
    shared: Vec<Place>,
    organization: Option<OrganizationId>,
    exempt: BTreeSet<String>,
}

impl Control for EnvironmentBoundary {
    fn id(&self) -> ControlId {
        ControlId("environment-boundary")
    }

    fn argument(&self) -> &'static str {
        "environment_boundary"
    }

    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn settings(&self) -> &'static [SettingSpec] {
        SETTINGS
    }

    fn configure(&self, settings: &Settings) -> Result<Box<dyn Rule>, SettingError> {
        let tag = text(settings, TAG_KEY, DEFAULT_TAG);
        check_tag_key(TAG_KEY, &tag)?;
        let exempt = texts(settings, EXEMPT, &[]);
        check_exemptions(EXEMPT, &exempt, Reach::LiteralAccount)?;
        let mut places = BTreeMap::new();
        if let Some(SettingValue::TextByName(named)) = settings.get(ENVIRONMENTS) {
            for (name, place) in named {
                check_tag_value(ENVIRONMENTS, name)?;
                places.insert(name.clone(), parse(ENVIRONMENTS, place)?);
            }
        }
        check_apart(ENVIRONMENTS, &places)?;
        let shared = texts(settings, SHARED, &[]);
        let shared = shared.iter().map(|place| parse(SHARED, place)).collect::<Result<Vec<_>, _>>()?;
        let all = || places.values().chain(&shared);
        let organization = organization(&text(settings, ORGANIZATION_ID, ""), all())?;
        Ok(Box::new(Boundaries { tag, places, shared, organization, exempt }))
    }
}

impl Rule for Boundaries {
    fn check(&self, key: &KeyFacts) -> Verdict {
        if let Some(verdict) = key.not_ours() {
            return verdict;
        }
        let environment = match self.environment_of(key) {
            Ok(environment) => environment,
            Err(verdict) => return verdict,
        };
        let Some(wanted) = self.key_policy_deny(environment, Place::pattern_at_any_depth) else {
            return Verdict::undecided(UNRESOLVED);
        };
        let policy = match key_policy::read(&key.policy) {
            Ok(policy) => policy,
            Err(verdict) => return verdict,
        };
        let open = key_policy::unprotected(&policy, &wanted);
        if open.is_empty() {
            return Verdict::satisfied(format!("the key policy admits only principals of `{environment}`"));
        }
        Verdict::Violated(vec![self.open_policy(environment, &open)])
    }

    fn guardrail(&self) -> Guardrail {
        if self.places.is_empty() {
            return Guardrail::not_expressible(
                "no environments are configured, so there is no boundary to draw",
            );
        }
        let clauses: Option<Vec<_>> =
            self.places.iter().map(|(name, place)| self.clauses(&self.environment(name, place)?)).collect();
        match clauses {
            None => Guardrail::not_expressible(UNRESOLVED),
            Some(clauses) => Guardrail::of(clauses.into_iter().flatten().collect())
                .but_not(
                    "what a key policy says is not a condition key, so no policy can require the Deny in it",
                )
                .but_not(
                    "keys of the management account are beyond resource control policies; keep no keys of an \
                     environment there",
                ),
        }
    }

    fn key_policy_statements(&self, key: &KeyFacts) -> Fact<Vec<Statement>> {
        match self.environment_of(key) {
            Ok(environment) => match self.key_policy_deny(environment, Place::pattern) {
                Some(statement) => Fact::Known(vec![statement]),
                None => Fact::Unknown,
            },
            Err(Verdict::Undecided { .. }) => Fact::Unknown,
            Err(_) => Fact::Known(Vec::new()),
        }
    }
}

impl Boundaries {
    /// The configured environment that the key's tag names, or the verdict on a key without one.
    fn environment_of<'a>(&'a self, key: &KeyFacts) -> Result<&'a str, Verdict> {
        if self.places.is_empty() {
            return Err(Verdict::not_applicable("no environments are configured"));
        }
        let tags = required(&key.tags, "the set of tag keys")?;
        let misspelled: Vec<Violation> = spellings(&self.tag, tags).collect();
        if !misspelled.is_empty() {
            return Err(Verdict::Violated(misspelled));
        }
        let Some(value) = tags.get(&self.tag) else {
            return Err(self.without_environment(Property::Tags, format!("no tag `{}`", self.tag)));
        };
        let value = required(value, &format!("the value of tag `{}`", self.tag))?;
        let named = self.places.get_key_value(value).map(|(name, _)| name.as_str());
        named.ok_or_else(|| {
            self.without_environment(
                Property::Tag(self.tag.clone()),
                format!("tag `{}` = `{value}`", self.tag),
            )
        })
    }

    fn without_environment(&self, property: Property, found: String) -> Verdict {
        Verdict::Violated(vec![Violation {
            property,
            found,
            required: format!("a tag `{}` with one of the values {}", self.tag, quoted(self.places.keys())),
            fix: format!("set `{}` in `tags` to the environment that the key belongs to", self.tag),
        }])
    }

    fn open_policy(&self, environment: &str, open: &[&str]) -> Violation {
        let pattern =
            self.places.get(environment).and_then(|place| place.pattern(self.organization.as_ref()));
        let all = open.len() == statements::FROM_OTHER_ACCOUNTS.len();
        Violation {
            property: Property::Policy,
            found: if all {
                "a key policy that admits principals of other environments".to_owned()
            } else {
                format!("a key policy that admits principals of other environments for {}", quoted(open))
            },
            required: format!(
                "a Deny to every principal whose `aws:PrincipalOrgPaths` are not like `{}`",
                pattern.unwrap_or_default()
            ),
            fix: "add that Deny to the policy, or give no policy of your own and let one be generated"
                .to_owned(),
        }
    }

    fn environment(&self, name: &str, place: &Place) -> Option<Environment> {
        Some(Environment {
            name: name.to_owned(),
            tag_key: self.tag.clone(),
            pattern: place.pattern(self.organization.as_ref())?,
            path: place.path(),
            place: place.target(),
        })
    }
}

fn parse(setting: &str, text: &str) -> Result<Place, SettingError> {
    text.parse().map_err(|required: &str| SettingError {
        setting: setting.to_owned(),
        found: format!("`{text}`"),
        required: required.to_owned(),
    })
}

/// The organisation that the setting names, or that the full paths begin with.
fn organization<'a>(
    named: &str,
    places: impl Iterator<Item = &'a Place>,
) -> Result<Option<OrganizationId>, SettingError> {
    let wrong = |required: String| SettingError {
        setting: ORGANIZATION_ID.to_owned(),
        found: format!("`{named}`"),
        required,
    };
    let mut known = if named.is_empty() {
        None
    } else {
        Some(named.parse::<OrganizationId>().map_err(|error| wrong(error.expected().to_owned()))?)
    };
    for found in places.filter_map(|place| place.organization().cloned()) {
        match &known {
            Some(known) if *known != found => {
                return Err(wrong(format!(
                    "one organisation: a path begins with `{found}`, another with `{known}`"
                )));
            }
            _ => known = Some(found),
        }
    }
    Ok(known)
}

const UNRESOLVED: &str = "the id of the organisation is not known; set `organization_id` of `environment_boundary`, or \
                          write its `environments` as full paths";
const ENVIRONMENTS: &str = "environments";
const EXEMPT: &str = "exempt_principal_arns";
const SHARED: &str = "shared_places";
const TAG_KEY: &str = "tag_key";
const DEFAULT_TAG: &str = "Environment";

static SETTINGS: &[SettingSpec] = &[
    SettingSpec {
        name: ENVIRONMENTS,
        kind: SettingKind::TextByName,
        doc: "The place of each environment by its name, which is the value of the tag: the id of an organizational \
              unit (`ou-ab12-11111111`) or its path (`o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`).",
        default: "{}",
    },
    SettingSpec {
        name: EXEMPT,
        kind: SettingKind::Texts,
        doc: "ARNs of roles and users that may use the keys of every environment. The account must be written out: \
              with a wildcard there anybody could make a role of that name in an account of their own.",
        default: "[]",
    },
    SettingSpec {
        name: ORGANIZATION_ID,
        kind: SettingKind::Text,
        doc: "The id of the organisation; needed where no environment is given by its path and the organisation \
              cannot be asked.",
        default: "\"\"",
    },
    SettingSpec {
        name: SHARED,
        kind: SettingKind::Texts,
        doc: "Places whose principals may use the keys of every environment, such as the unit of backup and logging \
              accounts; ids or paths.",
        default: "[]",
    },
    SettingSpec {
        name: TAG_KEY,
        kind: SettingKind::Text,
        doc: "The key of the tag that says which environment a key belongs to.",
        default: "\"Environment\"",
    },
];

static DOC: Doc = Doc {
    title: "Keys must be used from their own environment",
    severity: Severity::Critical,
    requires: "The key's environment tag names a configured environment, and its key policy denies use to every \
               principal outside that environment's place in the organisation.",
    why: "One permissive key policy or grant is enough to decrypt production data from a development account, or from \
          an account of somebody else. The boundary holds whatever single policies say.",
    reach: "A resource control policy on the environment's unit denies everybody outside it, principals of other \
            organisations included, and needs no tag. A service control policy on the root stops members of other \
            environments at the caller, by the key's tag; others on the unit keep that tag right: it is set when a \
            key is made, does not change and is not removed. AWS services that call in their own name and \
            service-linked roles pass. A change of a tag takes AWS up to five minutes to see. Only the policies on \
            the unit keep a key out of the wrong account: while none hangs there, a key that names `prod` can be made \
            in the account of `dev`, and neither the plan nor the audit sees it, because a key does not tell in which \
            unit its account is. `allowed_account_ids` of the provider keeps Terraform in the right account.",
    evidence: "The environment tag and the key policy. A Deny counts if it speaks to everybody, on every resource, of \
               what other accounts can call, with `ForAllValues:StringNotLike aws:PrincipalOrgPaths` on at most this \
               environment and the shared places, and exemptions within the configured ones.",
    remedy: "Tag the key with its environment, and add the Deny to its policy or let the policy be generated.",
    references: &[
        Reference { standard: "NIST SP 800-53 Rev. 5", requirement: "AC-3, AC-4, SC-7" },
        Reference { standard: "PCI DSS 4.0.1", requirement: "6.5.3, 7.2.1" },
        Reference { standard: "ISO/IEC 27001:2022", requirement: "A.8.31" },
        Reference { standard: "AWS Control Tower", requirement: "CT.KMS.PV.7" },
    ],
};

#[cfg(test)]
mod tests;
