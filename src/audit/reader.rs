//! The way to the keys of one place: where they are, how hard KMS is leaned on,
//! and why there may be no audit at all.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use thiserror::Error;
use time::OffsetDateTime;

use super::lanes::{Lanes, Limits};
use super::scope::{Filter, Place};
use crate::aws::AwsError;
use crate::aws::Fault;
use crate::aws::Kms;
use crate::model::key::AliasName;

/// Where an audit reads from.
#[derive(Clone)]
pub struct Source {
    /// KMS in that place.
    pub kms: Arc<dyn Kms>,
    /// The account and region.
    pub place: Place,
    /// How hard to lean on it.
    pub limits: Limits,
    /// The time of the report.
    pub clock: fn() -> OffsetDateTime,
}

/// Why there is no audit at all.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CollectError {
    /// The keys or the aliases to choose by could not be listed.
    #[error("the {listed} could not be listed")]
    Listing {
        /// `keys` or `aliases`.
        listed: &'static str,
        /// What AWS said.
        #[source]
        source: Box<AwsError>,
    },
    /// AWS does not accept the credentials.
    #[error("AWS does not accept the credentials")]
    Credentials(#[source] Box<AwsError>),
    /// A key that was asked for by name does not exist.
    #[error("there is no key `{key}` in {place}")]
    NoSuchKey {
        /// The name.
        key: String,
        /// Where it was looked for.
        place: Place,
    },
    /// A key that was asked for by name is in another account or region.
    #[error("the key `{key}` is not in {place}, which is what this audit reads")]
    Elsewhere {
        /// The name.
        key: String,
        /// What the audit reads.
        place: Place,
    },
    /// The alias belongs to AWS.
    #[error("`{0}` is an alias of AWS's own; asking for it would create the key behind it")]
    Reserved(AliasName),
}

pub(super) struct Reader<'a> {
    pub(super) source: &'a Source,
    pub(super) lanes: Lanes,
    pub(super) filter: &'a Filter,
    /// When patience with names that lead nowhere began to run.
    started: Instant,
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a Source, filter: &'a Filter) -> Self {
        Self { source, lanes: Lanes::new(source.limits), filter, started: Instant::now() }
    }

    pub(super) fn kms(&self) -> &dyn Kms {
        self.source.kms.as_ref()
    }

    pub(super) fn no_such_key(&self, key: impl fmt::Display) -> CollectError {
        CollectError::NoSuchKey { key: key.to_string(), place: self.source.place.clone() }
    }

    /// Waits a moment; `false` once patience has run out, which all names share.
    pub(super) async fn rest(&self) -> bool {
        let patient = self.started.elapsed() < self.source.limits.patience;
        if patient {
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        patient
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Source").field("place", &self.place).finish_non_exhaustive()
    }
}

impl CollectError {
    pub(super) fn listing(listed: &'static str, source: AwsError) -> Self {
        if source.fault() == Fault::Credentials {
            return Self::credentials(source);
        }
        Self::Listing { listed, source: Box::new(source) }
    }

    pub(super) fn credentials(source: AwsError) -> Self {
        Self::Credentials(Box::new(source))
    }
}

pub(super) fn sorted(mut names: Vec<AliasName>) -> Vec<AliasName> {
    names.sort();
    names
}

const BETWEEN_LOOKS: Duration = Duration::from_secs(1);
