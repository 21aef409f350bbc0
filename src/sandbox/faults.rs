//! The fault script: which call goes wrong, and how. Same script, same calls,
//! same faults.
//!
//! ```json
//! [
//!   {"operation": "CreateKey", "fault": "lost_response"},
//!   {"operation": "PutKeyPolicy", "call": 2, "times": 3, "fault": "malformed_policy"},
//!   {"operation": "TagResource", "fault": {"stale_reads": 4}}
//! ]
//! ```
//!
//! `call` counts the calls of the operation from 1 since the script was loaded
//! (default 1); `times` says for how many calls in a row the fault is played
//! (default 1). `service` (`kms`, `organizations`, `sts`) is needed only where two
//! services have an operation of that name and one is meant. The operation `*` is
//! each of them, with a count of its own.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::model::shape;
use crate::model::spelling::nearest;
use crate::sandbox::kms;
use crate::sandbox::organizations;
use crate::sandbox::sts;
use crate::sandbox::wire::ServiceError;

/// One line of a script.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    operation: String,
    #[serde(default)]
    service: Option<String>,
    #[serde(default = "first")]
    call: u64,
    #[serde(default = "first")]
    times: u64,
    fault: Fault,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fault {
    /// Refused as too many calls; not carried out.
    Throttle,
    /// The service failed with HTTP 500; not carried out.
    InternalError,
    /// Not carried out, and never answered.
    Timeout,
    /// Carried out, and never answered.
    HeldResponse,
    /// The connection is closed before the call is carried out.
    Reset,
    /// Carried out, and the connection is closed without an answer.
    LostResponse,
    /// Refused as not authorised; not carried out.
    AccessDenied,
    /// Refused because another change is in flight; not carried out.
    ConcurrentModification,
    /// Refused because a principal of the policy is not yet visible; not carried out.
    MalformedPolicy,
    /// Carried out; the next so many calls on what it made answer that it does not exist.
    NotFoundReads(u32),
    /// Carried out; the next so many reads of what it wrote show what was there before.
    StaleReads(u32),
    /// Carried out, and answered after so many milliseconds.
    Slow(u64),
}

/// Why a script is not played.
#[derive(Debug, thiserror::Error)]
pub enum InvalidScript {
    /// It does not have the shape of a script.
    #[error("the fault script cannot be read: {0}")]
    Shape(#[from] shape::Misfit),
    /// A rule of it does not have the shape of one.
    #[error("rule {rule} of the fault script cannot be read: {misfit}")]
    Rule {
        /// Which rule of the script it is, counted from 1.
        rule: usize,
        /// What does not fit.
        misfit: shape::Misfit,
    },
    /// It names something that would never be called.
    #[error(
        "the fault script names the {kind} `{found}` in its rule {rule}, which the sandbox does not serve{hint}"
    )]
    Unknown {
        /// `service` or `operation`.
        kind: &'static str,
        /// What was found.
        found: String,
        /// Which rule of the script it is, counted from 1.
        rule: usize,
        /// What may have been meant.
        hint: String,
    },
    /// It counts from a call that never comes, or plays a fault no time.
    #[error("the fault script has `{member}: 0` in its rule {rule}; required is a whole number from 1")]
    Never {
        /// `call`, `times`, or a fault that has a count.
        member: &'static str,
        /// Which rule of the script it is, counted from 1.
        rule: usize,
    },
}

/// Reads a script.
pub(crate) fn read(text: &[u8]) -> Result<Vec<Rule>, InvalidScript> {
    let rules: Vec<Value> = shape::read(text)?;
    let read = |(rule, number)| {
        let rule: Rule =
            shape::of_value(rule).map_err(|misfit| InvalidScript::Rule { rule: number, misfit })?;
        rule.check(number)?;
        Ok(rule)
    };
    rules.into_iter().zip(1..).map(read).collect()
}

/// The script and how far it was played.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<Rule>,
    calls: BTreeMap<String, u64>,
    hidden: BTreeMap<String, u32>,
    stale: BTreeMap<String, (Value, u32)>,
}

impl Faults {
    /// Loads a script in place of what was there, and counts calls from 1 again.
    pub(crate) fn load(&mut self, rules: Vec<Rule>) {
        *self = Self { rules, ..Self::default() };
    }

    /// Counts a call and says what goes wrong with it.
    pub(crate) fn next(&mut self, service: &str, operation: &str) -> Option<Fault> {
        if self.rules.is_empty() {
            return None;
        }
        let count = self.calls.entry(format!("{service}:{operation}")).or_default();
        *count = count.saturating_add(1);
        let count = *count;
        self.rules.iter().find(|rule| rule.covers(service, operation, count)).map(|rule| rule.fault.clone())
    }

    /// Hides a thing from the next `reads` calls that name it.
    pub(crate) fn hide(&mut self, thing: String, reads: u32) {
        self.hidden.insert(thing, reads);
    }

    /// Whether a thing is still hidden; each question counts.
    pub(crate) fn is_hidden(&mut self, thing: &str) -> bool {
        count_down(&mut self.hidden, thing, |reads| reads)
    }

    /// Keeps the answer of a read for its next `reads` calls.
    pub(crate) fn keep_stale(&mut self, read: String, answer: Value, reads: u32) {
        self.stale.insert(read, (answer, reads));
    }

    /// The kept answer of a read; each question counts.
    pub(crate) fn stale(&mut self, read: &str) -> Option<Value> {
        let answer = self.stale.get(read).map(|(answer, _)| answer.clone());
        count_down(&mut self.stale, read, |(_, reads)| reads).then_some(answer).flatten()
    }
}

impl Rule {
    /// A fault that is never played lets a test pass that should not: one of an
    /// operation that nobody calls, or of no call.
    fn check(&self, rule: usize) -> Result<(), InvalidScript> {
        let counts = [("call", self.call), ("times", self.times), (self.fault.name(), self.fault.count())];
        if let Some((member, _)) = counts.into_iter().find(|(_, count)| *count == 0) {
            return Err(InvalidScript::Never { member, rule });
        }
        let unknown = |kind, found: &str, names: &[&'static str]| {
            let meant = nearest(found, names.iter().copied());
            let hint = meant.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
            InvalidScript::Unknown { kind, found: found.to_owned(), rule, hint }
        };
        let services = served();
        if let Some(named) = self.service.as_deref()
            && !services.iter().any(|(service, _)| *service == named)
        {
            return Err(unknown("service", named, &services.map(|(service, _)| service)));
        }
        let here = services
            .iter()
            .filter(|(service, _)| self.service.as_deref().is_none_or(|named| named == *service));
        let operations: Vec<&str> = here.flat_map(|(_, operations)| operations).copied().collect();
        if self.operation == "*" || operations.contains(&self.operation.as_str()) {
            return Ok(());
        }
        Err(unknown("operation", &self.operation, &operations))
    }

    fn covers(&self, service: &str, operation: &str, count: u64) -> bool {
        let service_fits = self.service.as_deref().is_none_or(|named| named == service);
        let operation_fits = self.operation == "*" || self.operation == operation;
        let last = self.call.saturating_add(self.times).saturating_sub(1);
        service_fits && operation_fits && (self.call..=last).contains(&count)
    }
}

impl Fault {
    /// The error of a fault that refuses a call of `service`, if it does refuse it.
    pub(crate) fn refusal(&self, service: &str) -> Option<ServiceError> {
        let error = match (self, service) {
            (Self::Throttle, "kms") => ServiceError::new(
                "ThrottlingException",
                "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
            ),
            (Self::Throttle, "organizations") => ServiceError::new("TooManyRequestsException", THROTTLED)
                .with_member("Type", "EXCEEDED_RATE_FOR_API"),
            (Self::Throttle, _) => ServiceError::new("Throttling", "Rate exceeded"),
            (Self::InternalError, "kms") => {
                ServiceError::new("KMSInternalException", "The request failed. Try again.").with_status(500)
            }
            (Self::InternalError, "organizations") => {
                ServiceError::new("ServiceException", "The service failed. Try again later.").with_status(500)
            }
            (Self::InternalError, _) => {
                ServiceError::new("InternalFailure", "The service failed. Try again later.").with_status(500)
            }
            (Self::AccessDenied, "sts") => ServiceError::new("AccessDenied", REFUSED).with_status(403),
            (Self::AccessDenied, _) => ServiceError::new("AccessDeniedException", REFUSED),
            (Self::ConcurrentModification, _) => ServiceError::new(
                "ConcurrentModificationException",
                "AWS Organizations can't complete your request \
                because it conflicts with another attempt to modify the same entity. Try again later.",
            ),
            (Self::MalformedPolicy, _) => {
                ServiceError::new("MalformedPolicyDocumentException", INVALID_PRINCIPALS)
            }
            (
                Self::Timeout
                | Self::HeldResponse
                | Self::Reset
                | Self::LostResponse
                | Self::NotFoundReads(_)
                | Self::StaleReads(_)
                | Self::Slow(_),
                _,
            ) => return None,
        };
        Some(error)
    }

    /// How many reads or milliseconds it is given; 1 where it is given nothing.
    fn count(&self) -> u64 {
        match self {
            Self::NotFoundReads(reads) | Self::StaleReads(reads) => u64::from(*reads),
            Self::Slow(milliseconds) => *milliseconds,
            Self::Throttle
            | Self::InternalError
            | Self::Timeout
            | Self::HeldResponse
            | Self::Reset
            | Self::LostResponse
            | Self::AccessDenied
            | Self::ConcurrentModification
            | Self::MalformedPolicy => 1,
        }
    }

    /// The fault's name in a script.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Throttle => "throttle",
            Self::InternalError => "internal_error",
            Self::Timeout => "timeout",
            Self::HeldResponse => "held_response",
            Self::Reset => "reset",
            Self::LostResponse => "lost_response",
            Self::AccessDenied => "access_denied",
            Self::ConcurrentModification => "concurrent_modification",
            Self::MalformedPolicy => "malformed_policy",
            Self::NotFoundReads(_) => "not_found_reads",
            Self::StaleReads(_) => "stale_reads",
            Self::Slow(_) => "slow",
        }
    }
}

/// What KMS says of a policy that names somebody it does not know.
pub(crate) const INVALID_PRINCIPALS: &str =
    "Policy contains a statement with one or more invalid principals.";

const THROTTLED: &str = "You have sent too many requests in too short a period of time. Try again later.";

const REFUSED: &str = "The fault script refuses this call.";

/// The services and their operations.
pub(crate) fn served() -> [(&'static str, Vec<&'static str>); 3] {
    let names = |table: &[(&'static str, _)]| table.iter().map(|(name, _)| *name).collect();
    [
        ("kms", names(kms::OPERATIONS)),
        ("organizations", names(organizations::OPERATIONS)),
        ("sts", sts::OPERATIONS.to_vec()),
    ]
}

fn first() -> u64 {
    1
}

fn count_down<T>(things: &mut BTreeMap<String, T>, name: &str, count: impl Fn(&mut T) -> &mut u32) -> bool {
    if things.is_empty() {
        return false;
    }
    let Some(thing) = things.get_mut(name) else { return false };
    let left = count(thing);
    let alive = *left > 0;
    *left = left.saturating_sub(1);
    if *left == 0 {
        things.remove(name);
    }
    alive
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Fault;
    use super::Faults;
    use super::read;

    fn script(json: &serde_json::Value) -> Faults {
        let mut faults = Faults::default();
        faults.load(read(json.to_string().as_bytes()).unwrap());
        faults
    }

    #[test]
    fn a_fault_hits_the_calls_it_names_and_no_other() {
        let mut faults =
            script(&json!([{"operation": "CreateKey", "call": 2, "times": 2, "fault": "throttle"}]));
        let hits: Vec<bool> = (0..5).map(|_| faults.next("kms", "CreateKey").is_some()).collect();
        assert_eq!(hits, [false, true, true, false, false]);
        assert_eq!(faults.next("kms", "ListKeys"), None);
    }

    #[test]
    fn a_service_can_be_named_where_two_have_the_operation() {
        let mut faults = script(
            &json!([{"service": "organizations", "operation": "TagResource", "fault": {"stale_reads": 2}}]),
        );
        assert_eq!(faults.next("kms", "TagResource"), None);
        assert_eq!(faults.next("organizations", "TagResource"), Some(Fault::StaleReads(2)));
    }

    #[test]
    fn a_star_is_every_operation_each_counted_for_itself() {
        let mut faults =
            script(&json!([{"operation": "*", "service": "kms", "call": 2, "fault": "throttle"}]));
        let hits = ["ListKeys", "CreateKey", "ListKeys"].map(|name| faults.next("kms", name).is_some());
        assert_eq!(hits, [false, false, true]);
        assert_eq!(faults.next("sts", "AssumeRole"), None);
    }

    #[test]
    fn a_rule_that_would_never_be_played_is_refused() {
        let good = json!({"operation": "CreateKey", "fault": "throttle"});
        let told = |rule: serde_json::Value| {
            read(json!([good, rule]).to_string().as_bytes()).unwrap_err().to_string()
        };
        assert_eq!(
            told(json!({"operation": "CreatKey", "fault": "throttle"})),
            "the fault script names the operation `CreatKey` in its rule 2, which the sandbox does not serve; did you \
             mean `CreateKey`?"
        );
        for (member, rule) in [
            ("call", json!({"operation": "CreateKey", "fault": "throttle", "call": 0})),
            ("times", json!({"operation": "CreateKey", "fault": "throttle", "times": 0})),
            ("stale_reads", json!({"operation": "CreateKey", "fault": {"stale_reads": 0}})),
        ] {
            assert_eq!(
                told(rule),
                format!(
                    "the fault script has `{member}: 0` in its rule 2; required is a whole number from 1"
                )
            );
        }
        assert_eq!(
            told(json!({"service": "sts", "operation": "CreateKey", "fault": "throttle"})),
            "the fault script names the operation `CreateKey` in its rule 2, which the sandbox does not serve"
        );
        assert_eq!(
            told(json!({"service": "organisations", "operation": "ListRoots", "fault": "throttle"})),
            "the fault script names the service `organisations` in its rule 2, which the sandbox does not serve; did \
             you mean `organizations`?"
        );
    }

    #[test]
    fn a_rule_that_is_none_is_told_with_what_is_allowed() {
        let told = |script: &str| read(script.as_bytes()).unwrap_err().to_string();
        for (script, problem) in [
            ("{}", "the fault script cannot be read: found an object, required is a list"),
            (
                r#"[{"operation": "CreateKey", "fault": "not_found_reads"}]"#,
                "rule 1 of the fault script cannot be read: `fault`: found `not_found_reads` alone, required is a \
                 number with it: `{\"not_found_reads\": 2}`",
            ),
            (
                r#"[{"operation": "CreateKey", "fault": "throtle"}]"#,
                "rule 1 of the fault script cannot be read: `fault`: found `throtle`, allowed are `throttle`, \
                 `internal_error`, `timeout`, `held_response`, `reset`, `lost_response`, `access_denied`, \
                 `concurrent_modification`, `malformed_policy`, `not_found_reads`, `stale_reads`, `slow`; did you \
                 mean `throttle`?",
            ),
            (
                r#"[{"operation": "CreateKey", "fault": "reset", "times": 0}]"#,
                "the fault script has `times: 0` in its rule 1; required is a whole number from 1",
            ),
        ] {
            assert_eq!(told(script), problem);
        }
    }

    #[test]
    fn hidden_and_stale_things_come_back_after_their_count() {
        let mut faults = Faults::default();
        faults.hide("key".to_owned(), 2);
        assert_eq!([(); 3].map(|()| faults.is_hidden("key")), [true, true, false]);
        faults.keep_stale("tags".to_owned(), json!(1), 1);
        assert_eq!(faults.stale("tags"), Some(json!(1)));
        assert_eq!(faults.stale("tags"), None);
    }
}
