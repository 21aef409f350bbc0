//! API operations of a case: each is one or several authorizations.

use crate::cli::simulate::case::{Case, Detail, Judged, boolean};
use crate::cli::simulate::other::{self, OtherKey};
use crate::cli::simulate::read::{Fields, string};
use crate::cli::simulate::verdicts::{Asked, Verdicts};
use crate::iam::ParseError;
use crate::iam::catalogue::{Authorization, Parameters, Target, authorizations};
use crate::iam::evaluate::{Context, Decision, Policies, RequestBuilder, RequestError};
use crate::iam::json::Node;

/// What an operation names beside the key.
pub(super) struct Call {
    asked: Vec<Authorization>,
    operation: String,
    alias: Option<String>,
    other: Option<OtherKey>,
}

/// How one authorization came out.
pub(super) struct Part {
    pub(super) action: &'static str,
    pub(super) on: Target,
    pub(super) decision: Decision,
}

/// One authorization as a request, before it is checked.
struct Question<'c> {
    builder: RequestBuilder,
    policies: &'c Policies,
    note: Option<&'c str>,
}

impl Call {
    /// Takes the fields of an operation.
    pub(super) fn read(
        node: &Node<'_>,
        fields: &mut Fields<'_, '_>,
        case: &Case,
    ) -> Result<Self, ParseError> {
        let expected = "an API operation of KMS such as `CreateAlias`";
        let operation = string(node, expected)?;
        let policy = fields.take("policy").map(|node| boolean(node, "`policy`")).transpose()? == Some(true);
        let asked = authorizations(operation, Parameters { tags: tags(case) != Some(false), policy });
        if asked.is_empty() {
            return Err(ParseError::new(node.at, format!("found `{operation}`, expected {expected}")));
        }
        let alias = fields.take("alias");
        let other = fields.take("other_key");
        let needs = |target| asked.iter().any(|part| part.on == target);
        let creates = matches!(operation, "CreateKey" | "ReplicateKey");
        let alias = match alias {
            None if needs(Target::Alias) => {
                return Err(ParseError::new(node.at, format!("`{operation}` needs an `alias`")));
            }
            Some(_) if !needs(Target::Alias) => {
                return Err(ParseError::new(node.at, format!("`{operation}` has no `alias`")));
            }
            None => None,
            Some(alias) => Some(alias_beside(alias, case)?),
        };
        match other {
            None if needs(Target::OtherKey) && !creates => {
                return Err(ParseError::new(node.at, format!("`{operation}` needs an `other_key`")));
            }
            Some(_) if creates || !needs(Target::OtherKey) => {
                return Err(ParseError::new(node.at, format!("`{operation}` has no `other_key`")));
            }
            _ => {}
        }
        let other = other.map(|node| other::read(node, case)).transpose()?;
        Ok(Self { asked, operation: operation.to_owned(), alias, other })
    }

    /// Judges every authorization.
    pub(super) fn decide(&self, case: &Case, detail: Detail) -> Result<Judged, RequestError> {
        let mut parts = Vec::new();
        let mut verdicts = Verdicts::new(detail);
        let unknown_tags = unknown_tags(case);
        for asked in &self.asked {
            let Question { builder, policies, note } = self.question(*asked, case)?;
            let of_tags = asked.on == Target::NewKey && asked.action == "TagResource";
            let decision = verdicts.add(&Asked {
                request: &builder.build()?,
                policies,
                hangs_on: if of_tags { &unknown_tags } else { &[] },
                note,
            });
            parts.push(Part { action: asked.action, on: asked.on, decision });
        }
        let refused = || RequestError::Action(self.operation.clone());
        let mut judged = verdicts.finish(parts).ok_or_else(refused)?;
        if self.operation == "ReplicateKey" && tags(case) != Some(false) {
            let note = "which tags the `kms:CreateKey` of `ReplicateKey` sees is not documented";
            judged.outcome.not_modelled.push(note.to_owned());
        }
        Ok(judged)
    }

    fn question<'c>(&'c self, asked: Authorization, case: &'c Case) -> Result<Question<'c>, RequestError> {
        let action = format!("kms:{}", asked.action);
        let plain = || case.builder.clone().action(&action);
        let of_first = |builder| Question { builder, policies: &case.policies, note: None };
        Ok(match (asked.on, &self.other) {
            // Without an other key, an operation that needs it is refused where the case is read.
            (Target::Key | Target::OtherKey, None) => of_first(plain()),
            (Target::Key, Some(other)) => {
                of_first(plain().context(self.comparing(case.context.clone(), case, other)?))
            }
            (Target::OtherKey, Some(other)) => {
                let context = self.comparing(other.context.clone(), case, other)?;
                let builder = other.builder.clone().action(&action).context(context);
                Question { builder, policies: &other.policies, note: other.not_modelled.as_deref() }
            }
            (Target::Alias, _) => of_first(plain().resource(self.alias.as_deref().unwrap_or("*"))),
            (Target::Everything, _) if self.operation == "ReplicateKey" => {
                of_first(case.on_own("*").action(&action).context(replica(case)))
            }
            (Target::Everything, _) => of_first(plain().resource("*")),
            (Target::NewKey, _) => self.on_new_key(case, &action),
        })
    }

    /// The authorizations on the key that the call makes. Which tags that key
    /// has to them is not documented.
    fn on_new_key<'c>(&self, case: &'c Case, action: &str) -> Question<'c> {
        let replicates = self.operation == "ReplicateKey";
        let region = case.context.value(REPLICA_REGION).filter(|_| replicates);
        let primary = replicates.then_some(&*case.resource);
        let arn = case.new_key_arn(region.unwrap_or(&case.region), primary);
        let context = if replicates { replica(case) } else { case.context.clone() };
        let builder = case.on_own(&arn).action(action).context(context.with_unknown("aws:ResourceTag/"));
        let note = "the Region of the replica is unknown; its ARN was taken to be in the primary's";
        Question {
            builder: builder.new_key(),
            policies: &case.policies,
            note: (replicates && region.is_none()).then_some(note),
        }
    }

    /// Whether both keys of `ReEncrypt` are the same follows from their ARNs.
    fn comparing(&self, context: Context, case: &Case, other: &OtherKey) -> Result<Context, RequestError> {
        let arns = [&case.resource, &other.arn];
        if self.operation != "ReEncrypt" || !arns.iter().all(|arn| arn.contains(":key/")) {
            return Ok(context);
        }
        let same = arns.first() == arns.last();
        match context.value(SAME_KEY) {
            Some(stated) if !stated.eq_ignore_ascii_case(&same.to_string()) => {
                Err(RequestError::Contradiction {
                    key: SAME_KEY.to_owned(),
                    stated: format!("`{stated}`"),
                    because: format!("the two keys make it `{same}`"),
                })
            }
            _ => Ok(context.with(SAME_KEY, same.to_string())),
        }
    }
}

/// The ARN of an alias, which is of the Region and account of its key.
fn alias_beside(node: &Node<'_>, case: &Case) -> Result<String, ParseError> {
    let expected = "the ARN of an alias in the Region and account of the key";
    let text = string(node, expected)?;
    let place = |text: &str| text.split(':').take(5).map(str::to_owned).collect::<Vec<_>>();
    let is_alias = text.split(':').nth(5).is_some_and(|name| name.starts_with("alias/"));
    let key = &case.resource;
    let beside = is_alias && (place(text) == place(key) || !key.starts_with("arn:"));
    if beside {
        return Ok(text.to_owned());
    }
    Err(ParseError::new(node.at, format!("found `{text}`, expected {expected}")))
}

/// Whether the request brings tags; `None` where that is unknown.
fn tags(case: &Case) -> Option<bool> {
    let found = TAGS.map(|key| case.context.has(key));
    if found.contains(&Some(true)) { Some(true) } else { found.iter().all(Option::is_some).then_some(false) }
}

/// The keys on which it hangs whether the request brings tags.
fn unknown_tags(case: &Case) -> Vec<String> {
    let unknown = TAGS.iter().filter(|_| tags(case).is_none());
    unknown.flat_map(|key| case.context.unknown_in(key)).collect()
}

/// What the `kms:CreateKey` of `ReplicateKey` sees: the replica's Region, and
/// of the primary what a replica has in common with it.
fn replica(case: &Case) -> Context {
    let stated = &case.context;
    let common = IN_COMMON.iter().filter_map(|key| Some((key, stated.value(key)?)));
    let common = common.fold(Context::new(), |context, (key, value)| context.with(key, value));
    let unknown = UNDOCUMENTED.iter().filter(|key| !common.states(key));
    let unknown = unknown.fold(Context::new(), |context, key| context.with_unknown(key));
    let region = match stated.value(REPLICA_REGION) {
        Some(region) => Context::new().with(REQUESTED_REGION, region),
        None => Context::new().with_unknown(REQUESTED_REGION),
    };
    let context = stated.clone().without_key().overlaid(common).with_unknown_key();
    context.overlaid(unknown).overlaid(region)
}

/// What replica and primary share (KMS developer guide, "Multi-Region keys",
/// read 2026-11).
const IN_COMMON: [&str; 4] = ["kms:KeyOrigin", "kms:KeySpec", "kms:KeyUsage", "kms:MultiRegion"];
/// What AWS does not say the replica's `kms:CreateKey` has.
const UNDOCUMENTED: [&str; 2] = ["kms:MultiRegion", "kms:MultiRegionKeyType"];
const REPLICA_REGION: &str = "kms:ReplicaRegion";
const REQUESTED_REGION: &str = "aws:RequestedRegion";
const TAGS: [&str; 2] = ["aws:RequestTag/", "aws:TagKeys"];
const SAME_KEY: &str = "kms:ReEncryptOnSameKey";
