//! Somebody can change the policy again.

use std::collections::BTreeSet;

use crate::iam::arn::Arn;
use crate::iam::evaluate::{Caller, Compiled, Decision, Outcome, Policies, Request, evaluate};
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::{calls, keepers, kms, principals};
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
        if subject.kind == Kind::ResourceControl {
            for statement in subject.with_effect(Effect::Deny) {
                keepers::report(subject, statement, findings);
            }
            return;
        }
        let partition = partition(subject);
        let mut owners: BTreeSet<&str> = subject.owners();
        owners.extend(owners.is_empty().then(|| subject.account().unwrap_or(NOBODYS_ACCOUNT)));
        let asked = owners.iter().flat_map(|account| candidates(subject, partition, account));
        let answers: Vec<Answer> = asked.filter_map(|arn| answer(subject.document, &arn)).collect();
        match Answer::best(answers) {
            Answer::Allowed => kept(subject, &owners, findings),
            Answer::Hangs(keys) => hangs(subject, &keys, findings),
            Answer::Denied => findings.add(
                culprit(subject),
                "no principal of the account may call `kms:PutKeyPolicy`, its root user included: the policy could \
                 never be changed again, and only AWS Support could help",
                "allow `kms:*` to the account, and exempt the roles that manage the key from every Deny",
            ),
        }
    }
}

/// What becomes of a call of `PutKeyPolicy`, from good to bad.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Answer {
    Allowed,
    /// It hangs on these keys; on none where the organisation alone decides, for
    /// the account is where it is, and its principals with it.
    Hangs(BTreeSet<String>),
    Denied,
}

impl Answer {
    fn best(answers: impl IntoIterator<Item = Self>) -> Self {
        let mut all = BTreeSet::new();
        let mut best = Self::Denied;
        for answer in answers {
            match answer {
                Self::Allowed => return Self::Allowed,
                Self::Hangs(keys) if keys.is_empty() => best = Self::Allowed,
                Self::Hangs(keys) => all.extend(keys),
                Self::Denied => {}
            }
        }
        if best == Self::Denied && !all.is_empty() { Self::Hangs(all) } else { best }
    }
}

fn hangs(subject: &Subject<'_>, keys: &BTreeSet<String>, findings: &mut Findings) {
    let keys: Vec<&String> = keys.iter().collect();
    findings.add_as(
        Severity::Warning,
        culprit(subject),
        format!(
            "whether anybody may call `kms:PutKeyPolicy` hangs on {}: nobody can who comes without the right value",
            kms::list(&keys)
        ),
        "exempt the role that manages keys, with `ArnNotLike` on `aws:PrincipalArn`",
    );
}

/// The keepers of the key's account may change the policy. Those of others cannot anyway.
fn kept(subject: &Subject<'_>, owners: &BTreeSet<&str>, findings: &mut Findings) {
    for keeper in &subject.surroundings.keepers {
        let account = Arn::parse(keeper).map_or("", |arn| arn.account);
        if !owners.contains(account) {
            continue;
        }
        let fix = format!("allow it to `{keeper}`, and exempt it from each Deny");
        match answer(subject.document, keeper) {
            Some(Answer::Denied) => findings.add(
                culprit(subject),
                format!("`{keeper}` may not call `kms:PutKeyPolicy`, and must go on managing the key"),
                fix,
            ),
            Some(Answer::Hangs(keys)) if !keys.is_empty() => {
                let keys: Vec<&String> = keys.iter().collect();
                findings.add_as(
                    Severity::Warning,
                    culprit(subject),
                    format!("whether `{keeper}` may call `kms:PutKeyPolicy` hangs on {}", kms::list(&keys)),
                    fix,
                );
            }
            Some(Answer::Allowed | Answer::Hangs(_)) | None => {}
        }
    }
}

/// The first statement that denies `PutKeyPolicy`, or the start of the policy.
fn culprit(subject: &Subject<'_>) -> Position {
    let mut denies = subject.with_effect(Effect::Deny);
    let deny = denies.find(|statement| kms::covers(statement, "PutKeyPolicy"));
    deny.map_or(subject.start, |statement| statement.at)
}

/// The partition that the policy speaks of.
fn partition<'a>(subject: &Subject<'a>) -> &'a str {
    let named = subject.statements().iter().flat_map(principals::named);
    named.filter_map(|principal| Arn::parse(principal.text)).map(|arn| arn.partition).next().unwrap_or("aws")
}

/// The root user, every role and user that the policy speaks of, and some that
/// it does not.
fn candidates(subject: &Subject<'_>, partition: &str, account: &str) -> BTreeSet<String> {
    let some = |resource: &str| format!("arn:{partition}:iam::{account}:{resource}");
    let mut found = BTreeSet::from(["root", "role/some", "user/some"].map(some));
    found.extend(subject.surroundings.keepers.iter().cloned());
    for statement in subject.statements() {
        found.extend(principals::named(statement).into_iter().map(|principal| principal.text.to_owned()));
        let on_arn = |key: &Text| key.as_str().eq_ignore_ascii_case("aws:PrincipalArn");
        let conditions = statement.conditions.iter().filter(|condition| on_arn(&condition.key));
        for value in conditions.flat_map(|condition| &condition.values) {
            found.extend(examples(value.as_str(), partition, account));
        }
    }
    found.retain(|arn| {
        Arn::parse(arn).is_some_and(|parsed| parsed.account == account) && !kms::is_pattern(arn)
    });
    found
}

/// Principals of the account that a pattern of `aws:PrincipalArn` means.
fn examples(pattern: &str, partition: &str, account: &str) -> Vec<String> {
    let own = pattern.replace("${aws:PrincipalAccount}", account).replace("${aws:ResourceAccount}", account);
    let mut fields: Vec<&str> = own.splitn(6, ':').collect();
    for (index, literal) in [(1, partition), (2, "iam"), (3, ""), (4, account)] {
        if let Some(field) = fields.get_mut(index)
            && kms::is_pattern(field)
        {
            *field = literal;
        }
    }
    let own = fields.join(":").replace('?', "x");
    ["some", "", "/some", "role/some"].map(|text| own.replace('*', text)).into()
}

/// Everything is unknown that does not follow from the caller. A caller may be
/// of an organisation or of none: the better answer counts.
fn answer(document: &Document, arn: &str) -> Option<Answer> {
    let answers = [true, false].map(|member| {
        let settled = calls::settled(document, member);
        let outcome = may_put(&settled, arn)?;
        Some(match outcome.decision {
            Decision::Allowed => Answer::Allowed,
            Decision::ExplicitlyDenied | Decision::ImplicitlyDenied => Answer::Denied,
            Decision::Undecided => {
                let keys = outcome.unknown.iter().map(|key| calls::spelt(&settled, key));
                Answer::Hangs(keys.filter(|key| !key.contains("Org")).map(str::to_owned).collect())
            }
        })
    });
    answers.into_iter().flatten().min()
}

fn may_put(document: &Document, arn: &str) -> Option<Outcome> {
    let Arn { partition, account, resource, .. } = Arn::parse(arn)?;
    let key = format!("arn:{partition}:kms:eu-west-1:{account}:key/00000000-0000-0000-0000-000000000000");
    let caller = Caller::parse(arn).ok()?;
    // The id of the root user is the number of its account.
    let told: &[&str] = if resource == "root" { &["aws:userid"] } else { &[] };
    let context = calls::context(document, &[], told);
    let request = Request::builder("kms:PutKeyPolicy", &key, caller).context(context).build().ok()?;
    let everything = Document::new([Statement::allow("All").actions(["*"])]);
    let policies = Policies {
        identity: vec![Compiled::new(&everything)],
        resource: Some(Compiled::new(document)),
        ..Policies::default()
    };
    Some(evaluate(&request, &policies))
}

/// Whose policy nothing tells.
const NOBODYS_ACCOUNT: &str = "000000000000";

static DOC: Doc = Doc {
    id: "no-lock-out",
    number: "L15",
    title: "Somebody can always change the policy",
    severity: Severity::Error,
    kinds: &[Kind::Key, Kind::ResourceControl],
    requires: "The evaluator finds a principal of the account, its root user or one that the policy means, who may call \
               `kms:PutKeyPolicy` whatever else a request carries. Each role given with `--keeper` may too, if it is of \
               the key's account, and no resource control policy keeps it from managing keys. The key's account is the \
               one that is given, or else one that the policy lets change it: no other account can.",
    why: "KMS checks only that the caller keeps access, and not always that. A key whose policy nobody can change stays \
          as it is for good; only AWS Support can help. A warning where access hangs on something a caller may not \
          have, such as MFA: a pipeline has none.",
    remedy: "Allow the account, and exempt the roles that manage the key from each Deny on `kms:PutKeyPolicy`.",
    references: &["KMS developer guide, Default key policy"],
};
