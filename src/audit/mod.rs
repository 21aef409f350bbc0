//! Collect, evaluate, report: every key against the configured rules.
//!
//! [`collect()`] reads AWS and is the only part that touches the world;
//! [`evaluate()`] and [`export`] are pure. A read that failed stays visible as
//! unreadable all the way into the report.
//!
//! INVARIANT: what could not be read is never reported as a pass.

mod budget;
mod choose;
mod collect;
#[deny(clippy::disallowed_methods, reason = "pure")]
mod evaluate;
#[cfg(test)]
pub(crate) mod example;
#[deny(clippy::disallowed_methods, reason = "pure")]
pub mod export;
#[deny(clippy::disallowed_methods, reason = "pure")]
mod facts;
mod lanes;
mod reader;
#[deny(clippy::disallowed_methods, reason = "pure")]
mod record;
mod scope;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
#[deny(clippy::disallowed_methods, reason = "pure")]
mod unasked;

pub use collect::{CollectedKey, Collection, Progress, Step, collect};
pub use evaluate::{AuditedKey, Coverage, Gap, NotAsked, Report, Summary, evaluate};
pub use lanes::Limits;
pub use reader::{CollectError, Source};
pub use record::{GrantRecord, KeyRecord, TagRecord};
pub use scope::{Filter, Place, Scope, Selection, TagFilter, reference};
pub use unasked::Unasked;
