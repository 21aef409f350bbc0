//! Somebody can change the policy again.

use std::collections::BTreeSet;

use crate::iam::arn::Arn;
use crate::iam::evaluate::{Caller, Compiled, Context, Decision, Outcome, Policies, Request, evaluate};
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::{kms, principals};
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Document, Effect, Position, Statement, Text};

/// The rule.
#[derive(Debug)]
pub(super) struct NoLockOut;

impl Rule for NoLockOut {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        // What could not be read may be what lets somebody in.
        if !subject.faults.is_empty() || !subject.operands.is_empty() {
            return;
        }
        let account = subject.account().unwrap_or(NOBODYS_ACCOUNT);
        let answers = candidates(subject, account)
            .into_iter()
            .filter_map(|arn| Some((may_put(subject.document, &arn, account)?, arn)))
            .collect::<Vec<_>>();
        if answers.iter().any(|(outcome, _)| outcome.decision == Decision::Allowed) {
            return;
        }
        let at = culprit(subject);
        let mut open: BTreeSet<&str> =
            answers.iter().flat_map(|(outcome, _)| &outcome.unknown).map(|key| spelt(key)).collect();
        if !open.is_empty() {
            // The account is where it is, and its principals with it.
            open.retain(|key| !key.contains("Org"));
            if open.is_empty() {
                return;
            }
        }
        if open.is_empty() {
            findings.add(
                at,
                "no principal of the account may call `kms:PutKeyPolicy`, its root user included: the policy could \
                 never be changed again, and only AWS Support could help",
                "allow `kms:*` to the account, and exempt the roles that manage the key from every Deny",
            );
        } else {
            let keys: Vec<&str> = open.into_iter().collect();
            findings.add_as(
                Severity::Warning,
                at,
                format!(
                    "whether anybody may call `kms:PutKeyPolicy` hangs on {}: nobody can who comes without the right value",
                    kms::list(&keys)
                ),
                "exempt the role that manages keys, with `ArnNotLike` on `aws:PrincipalArn`",
            );
        }
    }
}

/// The first statement that denies `PutKeyPolicy`, or the start of the policy.
fn culprit(subject: &Subject<'_>) -> Position {
    let mut denies = subject.with_effect(Effect::Deny);
    let deny = denies.find(|statement| kms::covers(statement, "PutKeyPolicy"));
    deny.map_or(subject.start, |statement| statement.at)
}

/// The root user, and every role and user that the policy speaks of.
fn candidates(subject: &Subject<'_>, account: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::from([format!("arn:aws:iam::{account}:root")]);
    found.extend(subject.surroundings.keepers.iter().cloned());
    for statement in subject.statements() {
        let named = principals::named(statement).into_iter().map(|principal| principal.text.to_owned());
        let conditions = statement
            .conditions
            .iter()
            .filter(|condition| condition.key.as_str().eq_ignore_ascii_case("aws:PrincipalArn"));
        let values = conditions.flat_map(|condition| &condition.values).map(Text::as_str);
        found.extend(named.chain(values.map(|arn| arn.replace("::*:", &format!("::{account}:")))));
    }
    found.retain(|arn| {
        Arn::parse(arn).is_some_and(|parsed| parsed.account == account) && !kms::is_pattern(arn)
    });
    found
}

/// AWS's spelling of a key in lower case.
fn spelt(key: &str) -> &str {
    kms::condition_key(key)
        .filter(|known| known.name.eq_ignore_ascii_case(key))
        .map_or(key, |known| known.name)
}

/// Everything is unknown that does not follow from the caller.
fn may_put(document: &Document, arn: &str, account: &str) -> Option<Outcome> {
    let keys = document.statements.iter().flat_map(|statement| &statement.conditions);
    let keys = keys.map(|condition| condition.key.as_str().to_ascii_lowercase());
    let context = keys
        .filter(|key| !DERIVED.contains(&key.as_str()) && is_some_key(key))
        .fold(Context::new(), |context, key| context.with_unknown(&key));
    let key = format!("arn:aws:kms:eu-west-1:{account}:key/00000000-0000-0000-0000-000000000000");
    let caller = Caller::parse(arn).ok()?;
    let request = Request::builder("kms:PutKeyPolicy", &key, caller).context(context).build().ok()?;
    let everything = Document::new([Statement::allow("All").actions(["*"])]);
    let policies = Policies {
        identity: vec![Compiled::new(&everything)],
        resource: Some(Compiled::new(document)),
        ..Policies::default()
    };
    Some(evaluate(&request, &policies))
}

/// A key that AWS does not know is missing, and not unknown.
fn is_some_key(key: &str) -> bool {
    !(key.starts_with("aws:") || key.starts_with("kms:")) || kms::condition_key(key).is_some()
}

/// Keys that follow from a caller of the key's own account.
const DERIVED: [&str; 5] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principaltype",
    "kms:calleraccount",
];

/// Whose policy nothing tells.
const NOBODYS_ACCOUNT: &str = "000000000000";

static DOC: Doc = Doc {
    id: "no-lock-out",
    number: "L15",
    title: "Somebody can always change the policy",
    severity: Severity::Error,
    kinds: &[Kind::Key],
    requires: "The evaluator finds a principal of the account, its root user or one that the policy names, who may call \
               `kms:PutKeyPolicy` whatever else a request carries.",
    why: "KMS checks only that the caller keeps access, and not always that. A key whose policy nobody can change stays \
          as it is for good; only AWS Support can help. A warning where access hangs on something a caller may not \
          have, such as MFA: a pipeline has none.",
    remedy: "Allow the account, and exempt the roles that manage the key from each Deny on `kms:PutKeyPolicy`.",
    references: &["KMS developer guide, Default key policy"],
};
