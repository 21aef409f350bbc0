//! Why a request is decided as it is: every statement and every grant, whether
//! it matches, what keeps it from matching, and whether it counts.
//!
//! The words are for a person; programs read [`super::Outcome`].

mod gather;
mod grant;
mod layer;
mod statement;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use gather::explain;

use super::{Layer, StatementRef};

/// One request and everything that was given to judge it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Who asks for what on what: `kms:Decrypt` on a key by a role.
    pub asked: String,
    /// What decides beside the policies, such as who owns the key.
    pub notes: Vec<String>,
    /// The layers that are not asked, each with the reason.
    pub aside: BTreeMap<Layer, String>,
    /// Every statement of every policy, layer by layer.
    pub statements: Vec<StatementExplanation>,
    /// Every grant.
    pub grants: Vec<GrantExplanation>,
}

/// One statement and why it does or does not apply to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementExplanation {
    /// The statement.
    pub statement: StatementRef,
    /// Which policy of its layer or level it is in, from 1.
    pub policy: usize,
    /// Which statement of its policy it is, from 1.
    pub number: usize,
    /// Whether it matches.
    pub matching: Matching,
    /// What of the request its conditions looked at, where it matches.
    pub evidence: Vec<String>,
    /// What else an Allow that matches needs, or why it needs nothing else.
    pub bearing: Option<String>,
}

/// One grant and why it does or does not admit the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantExplanation {
    /// Its id.
    pub id: Arc<str>,
    /// Whether it admits the caller.
    pub matching: Matching,
    /// What else it needs, or why it needs nothing else.
    pub bearing: Option<String>,
}

/// Whether a statement or a grant matches a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matching {
    /// In every element.
    Yes,
    /// In every element whose keys are known; these are not.
    Perhaps(BTreeSet<String>),
    /// It does not name the action.
    OtherAction(String),
    /// It names the action, and something else keeps it from matching.
    No(String),
}

impl Matching {
    /// What keeps the statement from matching, in words.
    pub fn mismatch(&self) -> Option<&str> {
        match self {
            Self::Yes | Self::Perhaps(_) => None,
            Self::OtherAction(why) | Self::No(why) => Some(why),
        }
    }
}
