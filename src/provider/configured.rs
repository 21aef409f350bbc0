//! What the provider block comes to: everything a resource or data source may
//! ask of its provider.
//!
//! Built by `configure` only. INVARIANT: a value that was unknown while planning
//! is named as such here; nothing passes for known that is not.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

use thiserror::Error;
use time::OffsetDateTime;

use crate::aws::AwsError;
use crate::aws::CallerIdentity;
use crate::aws::Session;
use crate::controls::catalogue::Catalogue;
use crate::controls::contract::doc::ControlId;
use crate::controls::contract::facts::KeyFacts;
use crate::controls::contract::finding::Finding;
use crate::controls::contract::finding::Status;
use crate::iam::policy::Statement;
use crate::model::fact::Fact;
use crate::model::tag::Tags;
use crate::tf::Field;

pub(crate) use crate::model::tag::IgnoredTags;

/// A provider block, ready for use.
pub struct Configured {
    /// AWS, unless a part of the block that leads there is unknown in this plan.
    pub(crate) session: Result<Session, NotConnected>,
    /// Every control with its settings, and the waivers.
    pub(crate) catalogue: Catalogue,
    /// The controls with a setting or a waiver that is unknown in this plan: a
    /// violation of one cannot be told yet.
    pub(crate) undecided_controls: BTreeSet<ControlId>,
    /// Those of them with an unknown setting. The catalogue has their defaults,
    /// which say nothing.
    pub(crate) unsettled_controls: BTreeSet<ControlId>,
    /// What a violation does to a plan.
    pub(crate) enforcement: Enforcement,
    /// Tags that every resource gets unless it says otherwise.
    pub(crate) default_tags: DefaultTags,
    /// Tags that somebody else manages.
    pub(crate) ignored_tags: IgnoredTags,
    /// The environment of resources that name none.
    pub(crate) environment: Option<String>,
    /// The environments that may be named.
    pub(crate) allowed_environments: BTreeSet<String>,
    /// Where policy files named without a folder are.
    pub(crate) policies_directory: Option<PathBuf>,
    /// How an alias is made of environment, team, function and purpose.
    pub(crate) alias_format: String,
    /// The arguments of the provider block that are unknown in this plan; the
    /// fields above named so then hold a default that says nothing.
    pub(crate) unknown: BTreeSet<&'static str>,
    /// Tells the time.
    pub(crate) clock: fn() -> OffsetDateTime,
}

/// What a violation does to a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Enforcement {
    /// It is refused.
    #[default]
    Enforce,
    /// It is warned about.
    Warn,
}

/// A part of the provider block that is needed to reach AWS is unknown until
/// something else was applied.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the provider's `{argument}` is known only after apply, so AWS cannot be asked yet")]
pub(crate) struct NotConnected {
    /// The argument of the provider block, such as `region`.
    pub(crate) argument: String,
}

/// The tags of `default_tags`. A value that is unknown in this plan has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DefaultTags {
    /// Keys, and values as far as they are known.
    pub(crate) tags: BTreeMap<String, Option<String>>,
    /// Whether not even the keys are all known.
    pub(crate) incomplete: bool,
}

/// How the detail of a finding ends that waits for the provider block.
pub(crate) const KNOWN_LATER: &str = "in the provider block are known only after apply";

/// How an alias is made of environment, team, function and purpose when the
/// provider block does not say.
pub(crate) const DEFAULT_ALIAS_FORMAT: &str = "{environment}/{team}/{function}/{purpose}";

/// The environments that may be named when the provider block does not say.
pub(crate) const DEFAULT_ENVIRONMENTS: [&str; 3] = ["dev", "prod", "staging"];

impl Configured {
    /// Who the credentials belong to. The session asks AWS once.
    pub(crate) async fn caller(&self, session: &Session) -> Result<CallerIdentity, AwsError> {
        session.sts.caller_identity().await
    }

    /// One finding per control, today. A control whose settings are unknown in
    /// this plan is undecided whatever its defaults would say, and so is a
    /// violation that an unknown waiver may concern.
    pub(crate) fn judge(&self, key: &KeyFacts) -> Vec<Finding> {
        let mut findings = self.catalogue.judge(key, (self.clock)().date());
        for finding in &mut findings {
            let violated = matches!(finding.status, Status::Fail | Status::Waived);
            let unknown = if self.unsettled_controls.contains(&finding.control) {
                "the control's settings"
            } else if violated && self.undecided_controls.contains(&finding.control) {
                "the control's waivers"
            } else {
                continue;
            };
            finding.status = Status::Unknown;
            finding.violations.clear();
            finding.waiver = None;
            finding.detail = format!("{unknown} {KNOWN_LATER}");
        }
        findings
    }

    /// The statements that the controls ask of this key's policy; unknown while
    /// they hang on a setting that is.
    pub(crate) fn key_policy_statements(&self, key: &KeyFacts) -> Fact<Vec<Statement>> {
        if self.leaves_key_policies_open() {
            Fact::Unknown
        } else {
            self.catalogue.key_policy_statements(key)
        }
    }

    /// Whether what a key policy must carry hangs on a setting that is unknown in
    /// this plan.
    pub(crate) fn leaves_key_policies_open(&self) -> bool {
        let open = |id: &ControlId| self.unsettled_controls.contains(id);
        self.catalogue.rules().any(|(control, _)| control.shapes_key_policy() && open(&control.id()))
    }

    /// The tags of a resource with the provider's under them and the ignored
    /// ones taken out; nothing while not even the keys are known.
    pub(crate) fn all_tags(
        &self,
        own: &BTreeMap<String, Field<String>>,
    ) -> Option<BTreeMap<String, Field<String>>> {
        let open = self.default_tags.incomplete || self.unknown.contains("ignore_tags");
        (!open).then(|| self.merged(own.clone()))
    }

    /// The same of tags that are known, as far as the provider's are.
    pub(crate) fn with_default_tags(&self, own: &Tags) -> Tags {
        let own = own.iter().map(|(key, value)| (key.clone(), Field::Known(value.clone())));
        let all = self.merged(own.collect()).into_iter();
        all.filter_map(|(key, value)| Some((key, value.known()?))).collect()
    }

    fn merged(&self, own: BTreeMap<String, Field<String>>) -> BTreeMap<String, Field<String>> {
        let defaults = self.default_tags.tags.iter();
        let defaults =
            defaults.map(|(key, value)| (key.clone(), value.clone().map_or(Field::Unknown, Field::Known)));
        let mut all: BTreeMap<String, Field<String>> = defaults.collect();
        all.extend(own);
        all.retain(|key, _| !self.ignored_tags.ignores(key));
        all
    }
}

impl fmt::Debug for Configured {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Configured").field("session", &self.session).finish_non_exhaustive()
    }
}

impl DefaultTags {
    /// Whether the tag is the provider's, or may be as far as this plan knows.
    pub(crate) fn may_give(&self, key: &str, value: &str) -> bool {
        match self.tags.get(key) {
            Some(Some(known)) => known == value,
            Some(None) => true,
            None => self.incomplete,
        }
    }
}
