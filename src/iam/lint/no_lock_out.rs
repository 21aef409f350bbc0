//! Somebody can change the policy again.

use std::collections::BTreeSet;

use crate::iam::arn::Arn;
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::policy_change::{Answer, Home, PolicyChange};
use crate::iam::lint::contract::{keepers, kms, principals};
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Effect, Position, PrincipalSet, Statement, Text};
use crate::model::region::Region;

/// The rule.
#[derive(Debug)]
pub(super) struct NoLockOut;

impl Rule for NoLockOut {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        // What could not be read may be what lets somebody in.
        if subject.is_unclear() || !subject.operands.is_empty() || subject.is_too_long {
            return;
        }
        if subject.kind == Kind::ResourceControl {
            for statement in subject.with_effect(Effect::Deny) {
                keepers::report(subject, statement, findings);
            }
            return;
        }
        let partition = subject.partition();
        let mut owners: BTreeSet<&str> = subject.owners().clone();
        owners.extend(owners.is_empty().then(|| subject.account().unwrap_or(NOBODYS_ACCOUNT)));
        let region = subject.surroundings.region.as_ref().map(Region::as_str);
        let homes: Vec<Home<'_>> =
            owners.into_iter().map(|account| Home { partition, account, region }).collect();
        let asked = homes.iter().flat_map(|home| {
            let change = PolicyChange::new(subject.statements(), subject.document.version, *home);
            let callers = candidates(subject, *home).into_iter();
            callers.filter_map(move |arn| change.answer(&arn))
        });
        let sample = |home: &Home<'_>| candidates(subject, *home).into_iter().take(SAMPLE);
        let some = || homes.iter().flat_map(sample).collect::<Vec<_>>();
        match Answer::best(asked) {
            Answer::Allowed => kept(subject, &homes, findings),
            Answer::Hangs(keys) => {
                let suspect = suspect(subject, &homes, &some(), false);
                findings.add_as(Severity::Warning, suspect.at, hangs(&keys), suspect.fix(&keys));
            }
            Answer::Denied => findings.add(
                suspect(subject, &homes, &some(), true).at,
                "no principal of the account may call `kms:PutKeyPolicy`, its root user included: the policy could \
                 never be changed again, and only AWS Support could help",
                "allow `kms:*` to the account, and exempt the roles that manage the key from every Deny",
            ),
        }
    }
}

fn hangs(keys: &BTreeSet<String>) -> String {
    let listed = kms::list(&keys.iter().collect::<Vec<_>>());
    let nobody = if is_region_alone(keys) {
        "nobody can if the key is in another Region"
    } else {
        "nobody can who comes without the right value"
    };
    format!("whether anybody may call `kms:PutKeyPolicy` hangs on {listed}: {nobody}")
}

fn is_region_alone(keys: &BTreeSet<String>) -> bool {
    keys.iter().all(|key| key == "aws:RequestedRegion")
}

/// The keepers of the key's account may change the policy. Those of others cannot anyway.
fn kept(subject: &Subject<'_>, homes: &[Home<'_>], findings: &mut Findings) {
    for keeper in &subject.surroundings.keepers {
        let account = Arn::parse(keeper).map_or("", |arn| arn.account);
        let Some(home) = homes.iter().find(|home| home.account == account) else { continue };
        let change = PolicyChange::new(subject.statements(), subject.document.version, *home);
        let fix = format!("allow it to `{keeper}`, and exempt it from each Deny");
        let alone = std::slice::from_ref(keeper);
        match change.answer(keeper) {
            Some(Answer::Denied) => findings.add(
                suspect(subject, homes, alone, true).at,
                format!("`{keeper}` may not call `kms:PutKeyPolicy`, and must go on managing the key"),
                fix,
            ),
            Some(Answer::Hangs(keys)) => {
                let listed = kms::list(&keys.iter().collect::<Vec<_>>());
                findings.add_as(
                    Severity::Warning,
                    suspect(subject, homes, alone, false).at,
                    format!("whether `{keeper}` may call `kms:PutKeyPolicy` hangs on {listed}"),
                    fix,
                );
            }
            Some(Answer::Allowed) | None => {}
        }
    }
}

/// What has to be mended.
struct Suspect {
    at: Position,
    effect: Effect,
}

impl Suspect {
    fn fix(&self, keys: &BTreeSet<String>) -> &'static str {
        match self.effect {
            _ if is_region_alone(keys) => {
                "give the Region of the key with `--region`, or remove the condition"
            }
            Effect::Deny => "exempt the role that manages keys, with `ArnNotLike` on `aws:PrincipalArn`",
            Effect::Allow => "allow it without the condition to the role that manages keys",
        }
    }
}

/// The Deny that stops most of these callers, for certain or perhaps, or else
/// the first statement that allows it under conditions, or the start of the policy.
fn suspect(subject: &Subject<'_>, homes: &[Home<'_>], callers: &[String], certainly: bool) -> Suspect {
    let everything = Statement::allow("All").actions(["*"]).principals(PrincipalSet::Everyone);
    let stopped = |deny: &Statement| {
        let alone = |home: &Home<'_>| PolicyChange::new([&everything, deny], subject.document.version, *home);
        let changes: Vec<PolicyChange> = homes.iter().map(alone).collect();
        let stops = |arn: &&String| {
            let answer = Answer::best(changes.iter().filter_map(|change| change.answer(arn)));
            if certainly { answer == Answer::Denied } else { answer != Answer::Allowed }
        };
        callers.iter().filter(stops).count()
    };
    let about = |statement: &&Statement| kms::covers(statement, "PutKeyPolicy");
    let mut worst: Option<(usize, &Statement)> = None;
    for deny in subject.with_effect(Effect::Deny).filter(about) {
        let count = stopped(deny);
        if count > worst.map_or(0, |(most, _)| most) {
            worst = Some((count, deny));
        }
    }
    let mut allows = subject.with_effect(Effect::Allow).filter(about);
    let limited = || allows.find(|allow| !certainly && !allow.conditions.is_empty());
    match worst.map(|(_, deny)| deny).or_else(limited) {
        Some(statement) => Suspect { at: statement.at, effect: statement.effect },
        None => Suspect { at: subject.start, effect: Effect::Allow },
    }
}

/// The root user, every role and user that a statement about `PutKeyPolicy`
/// means, and some that none does.
fn candidates(subject: &Subject<'_>, home: Home<'_>) -> Vec<String> {
    let Home { partition, account, region: _ } = home;
    let some = |resource: &str| format!("arn:{partition}:iam::{account}:{resource}");
    let mut found: Vec<String> = ["root", "role/some", "user/some"].map(some).into();
    found.extend(subject.surroundings.keepers.iter().cloned());
    let about = subject.statements().iter().filter(|statement| kms::covers(statement, "PutKeyPolicy"));
    for statement in about {
        found.extend(principals::mentioned(statement).iter().map(|text| text.as_str().to_owned()));
        let on_arn = |key: &Text| key.as_str().eq_ignore_ascii_case("aws:PrincipalArn");
        let conditions = statement.conditions.iter().filter(|condition| on_arn(&condition.key));
        for value in conditions.flat_map(|condition| &condition.values) {
            found.extend(examples(value.as_str(), partition, account));
        }
    }
    let mut seen = BTreeSet::new();
    found.retain(|arn| {
        let own = Arn::parse(arn).is_some_and(|parsed| parsed.account == account) && !kms::is_pattern(arn);
        own && seen.insert(arn.clone())
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

/// How many callers tell which statement stops them.
const SAMPLE: usize = 8;

/// Whose policy nothing tells.
const NOBODYS_ACCOUNT: &str = "000000000000";

static DOC: Doc = Doc {
    id: "no-lock-out",
    number: "L15",
    title: "Somebody can always change the policy",
    severity: Severity::Error,
    kinds: &[Kind::Key, Kind::ResourceControl],
    requires: "The evaluator finds a principal of the account, its root user or one that the policy means, who may call \
               `kms:PutKeyPolicy` directly and without the parameters that people leave out, by TLS as every call comes, in \
               the Region given with `--region`, and whatever else a request carries. Each role or user given with \
               `--keeper` may too, if it is of the key's account, and no resource control policy keeps it from managing \
               keys. The key's account is the one that is given, or else one that the policy lets change it: no other \
               account can.",
    why: "KMS checks only that the caller keeps access, and not always that. A key whose policy nobody can change stays \
          as it is for good; only AWS Support can help. A warning where access hangs on something a caller may not \
          have, such as MFA: a pipeline has none.",
    remedy: "Allow the account, and exempt the roles that manage the key from each Deny on `kms:PutKeyPolicy`.",
    references: &["KMS developer guide, Default key policy"],
};
