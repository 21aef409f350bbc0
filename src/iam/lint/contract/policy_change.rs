//! Who may change a key's policy, asked of the evaluator.
//!
//! Statements that are not about `PutKeyPolicy` decide nothing and are left
//! out; the others are compiled once, and each principal is one question more.

use std::collections::BTreeSet;

use crate::iam::evaluate::{Caller, Context, Decision, Policies, Request};
use crate::iam::lint::contract::{calls, kms};
use crate::iam::policy::{Document, Statement, Version};

/// What becomes of a call of `PutKeyPolicy`, from good to bad.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Answer {
    Allowed,
    /// It hangs on these keys.
    Hangs(BTreeSet<String>),
    Denied,
}

impl Answer {
    /// The best of several callers' answers; what none of them is sure of hangs
    /// on all that any of them hangs on.
    pub(crate) fn best(answers: impl IntoIterator<Item = Self>) -> Self {
        let mut all = BTreeSet::new();
        for answer in answers {
            match answer {
                Self::Allowed => return Self::Allowed,
                Self::Hangs(keys) => all.extend(keys),
                Self::Denied => {}
            }
        }
        if all.is_empty() { Self::Denied } else { Self::Hangs(all) }
    }
}

/// Whose key it is and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Home<'a> {
    pub(crate) partition: &'a str,
    pub(crate) account: &'a str,
    /// `None` where nothing tells.
    pub(crate) region: Option<&'a str>,
}

/// Statements of a key policy made ready to be asked who may change it.
#[derive(Debug)]
pub(crate) struct PolicyChange {
    key: String,
    settings: Vec<Setting>,
}

/// Callers of some organisation, or of none.
#[derive(Debug)]
struct Setting {
    document: Document,
    policies: Policies,
    /// Of a plain call, and of any, where that makes a difference.
    contexts: Vec<Context>,
}

impl PolicyChange {
    pub(crate) fn new<'s>(
        statements: impl IntoIterator<Item = &'s Statement>,
        version: Option<Version>,
        home: Home<'_>,
    ) -> Self {
        let about = statements.into_iter().filter(|statement| kms::covers(statement, "PutKeyPolicy"));
        let document = Document { version, id: None, statements: about.cloned().collect() };
        let place = calls::own_key(&document, home.partition, home.account, home.region);
        let members: &[bool] = if calls::asks_for_member(&document) { &[true, false] } else { &[true] };
        let setting = |member: &bool| Setting::new(&document, *member, place.region.as_deref());
        Self { settings: members.iter().map(setting).collect(), key: place.arn }
    }

    /// What becomes of a call of this user, role or root user of the key's
    /// account. Everything is unknown that does not follow from the caller. A
    /// caller may be of an organisation or of none: the better answer counts.
    pub(crate) fn answer(&self, arn: &str) -> Option<Answer> {
        let caller = Caller::parse(arn).ok()?;
        self.settings.iter().filter_map(|setting| setting.answer(&self.key, &caller)).min()
    }
}

impl Setting {
    fn new(document: &Document, member: bool, region: Option<&str>) -> Self {
        let document = calls::settled(document, member);
        let mut contexts =
            [&calls::NOT_OF_PLAIN_CALLS[..], &[]].map(|absent| calls::context(&document, absent, region));
        let [plain, any] = &mut contexts;
        let contexts = if plain == any { vec![std::mem::take(plain)] } else { contexts.into() };
        let everything = Document::new([Statement::allow("All").actions(["*"])]);
        let policies = Policies {
            identity: vec![calls::compiled(&everything)],
            resource: Some(calls::compiled(&document)),
            ..Policies::default()
        };
        Self { document, policies, contexts }
    }

    /// Of a plain call, or where that is denied, of one that people can make.
    fn answer(&self, key: &str, caller: &Caller) -> Option<Answer> {
        let mut answers = self.contexts.iter().map(|context| self.asked(key, caller, context));
        answers.find(|answer| *answer != Some(Answer::Denied)).unwrap_or(Some(Answer::Denied))
    }

    fn asked(&self, key: &str, caller: &Caller, context: &Context) -> Option<Answer> {
        let request = Request::builder("kms:PutKeyPolicy", key, caller.clone());
        let outcome = calls::ask(&request.context(context.clone()).build().ok()?, &self.policies);
        Some(match outcome.decision {
            Decision::Allowed => Answer::Allowed,
            Decision::ExplicitlyDenied | Decision::ImplicitlyDenied => Answer::Denied,
            Decision::Undecided => {
                let keys = outcome.unknown.iter().map(|key| calls::spelt(&self.document, key));
                let keys: BTreeSet<String> =
                    keys.filter(|key| !is_of_the_place(key)).map(str::to_owned).collect();
                if keys.is_empty() { Answer::Allowed } else { Answer::Hangs(keys) }
            }
        })
    }
}

/// The account is where it is, and its principals with it.
fn is_of_the_place(key: &str) -> bool {
    ["aws:PrincipalOrg", "aws:ResourceOrg"].iter().any(|family| key.starts_with(family))
}
