//! The condition keys AWS adds to a request by itself.
//!
//! Stated keys win over derived ones they do not contradict. A key that the
//! action does not carry is absent even when stated: KMS never fills it. What
//! follows from an unknown key is unknown; `presence` says what comes with
//! other keys, and what AWS always sends. Source: IAM user guide, "Global condition context keys"; KMS
//! developer guide, "Condition keys"; recorded answers for the defaults of
//! omitted parameters. Read 2026-11.

use crate::iam::arn::Arn;
use crate::iam::catalogue::{Source, definition, is_always_there};
use crate::iam::condition::{Fact, Keys, epoch};
use crate::iam::evaluate::caller::Identity;
use crate::iam::evaluate::context::{Entry, Stated};
use crate::iam::evaluate::contradiction;
use crate::iam::evaluate::request::{Asked, Organisation, Scope};
use crate::iam::evaluate::{Caller, RequestBuilder, RequestError};

/// What the request acts on.
pub(super) struct Place<'a> {
    pub(super) action: &'a Asked,
    pub(super) scope: Scope,
    pub(super) owner: Option<&'a str>,
    pub(super) alias: Option<&'a str>,
    pub(super) organisations: Organisations<'a>,
}

/// Where caller and owner are. One account is in one place, whichever side it
/// is told of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Organisations<'a> {
    pub(super) caller: Option<&'a Organisation>,
    pub(super) owner: Option<&'a Organisation>,
}

/// The condition keys of the request.
pub(super) fn keys(builder: &RequestBuilder, place: &Place<'_>) -> Result<Keys, RequestError> {
    if let Some(name) = &builder.context.collision {
        return Err(RequestError::KeyTwice(name.clone()));
    }
    contradiction::find(builder, place)?;
    let mut draft = Draft { keys: Keys::default(), builder, place };
    draft.stated()?;
    draft.caller(&builder.caller);
    draft.organisations();
    draft.key();
    draft.forwarding();
    draft.companions();
    draft.credentials();
    draft.grantee();
    draft.request();
    draft.parameters();
    draft.lists();
    draft.left_over();
    Ok(draft.keys)
}

/// Shapes a statement by the key's definition; `None` is absent.
fn fact(key: &str, stated: &Stated) -> Result<Option<Fact>, ()> {
    let list = definition(key).map(|definition| definition.list);
    Ok(match (stated, list) {
        (Stated::Absent, _) => None,
        (Stated::Unknown, _) => Some(Fact::Unknown),
        (Stated::One(value), Some(true)) => Some(Fact::List(vec![value.as_str().into()])),
        // Compared as a number, as KMS's guide does, a date must be in seconds.
        (Stated::One(value), _) if key == "kms:validto" => {
            Some(Fact::One(epoch(value).map_or_else(|| value.clone(), |seconds| seconds.to_string()).into()))
        }
        (Stated::One(value), _) => Some(Fact::One(value.as_str().into())),
        (Stated::List(values), _) if values.is_empty() => None,
        (Stated::List(values), Some(false)) => match values.as_slice() {
            [value] => Some(Fact::One(value.as_str().into())),
            _ => return Err(()),
        },
        (Stated::List(values), _) => {
            Some(Fact::List(values.iter().map(|value| value.as_str().into()).collect()))
        }
    })
}

/// The keys of a request in the making.
pub(super) struct Draft<'a> {
    pub(super) keys: Keys,
    pub(super) builder: &'a RequestBuilder,
    pub(super) place: &'a Place<'a>,
}

impl Draft<'_> {
    fn stated(&mut self) -> Result<(), RequestError> {
        for (key, Entry { name, stated }) in &self.builder.context.entries {
            let fact = fact(key, stated).map_err(|()| RequestError::ManyValues(name.clone()))?;
            if !self.carries(key) {
                continue;
            }
            match fact {
                None => self.keys.insert_absent(key, name),
                Some(Fact::Unknown) if contradiction::why_never(&self.builder.caller, key).is_some() => {}
                Some(Fact::Unknown) if key.ends_with([':', '/']) => self.keys.open(key),
                Some(fact) => self.insert(key, name, fact),
            }
        }
        Ok(())
    }

    /// What AWS always sends is there, if nobody knows what it holds.
    fn insert(&mut self, key: &str, name: &str, fact: Fact) {
        let there = fact == Fact::Unknown && is_always_there(key);
        self.keys.insert(key, name, if there { Fact::There } else { fact });
    }

    pub(super) fn carries(&self, key: &str) -> bool {
        let (Some(action), Some(key)) = (self.place.action.kms, definition(key)) else { return true };
        let on_alias = self.place.scope == Scope::Alias && key.source == Source::Key;
        !on_alias && action.carries_defined(key)
    }

    pub(super) fn derive(&mut self, name: &str, fact: Fact) {
        let key = name.to_lowercase();
        if !self.builder.context.entries.contains_key(&key) && self.carries(&key) {
            self.insert(&key, name, fact);
        }
    }

    /// Derives what only repeats other keys: called unknown, it is what they
    /// are.
    pub(super) fn follow(&mut self, name: &str, fact: Fact) {
        let key = name.to_lowercase();
        if self.builder.context.calls_unknown(&key) && self.carries(&key) {
            self.insert(&key, name, fact);
        } else {
            self.derive(name, fact);
        }
    }

    pub(super) fn one(&mut self, name: &str, value: &str) {
        self.derive(name, Fact::One(value.into()));
    }

    fn caller(&mut self, caller: &Caller) {
        if let Identity::Service { name } = &caller.identity {
            self.one("aws:PrincipalIsAWSService", "true");
            self.one("aws:PrincipalServiceName", name);
            self.derive("aws:PrincipalServiceNamesList", Fact::List(vec![name.clone()]));
            return;
        }
        if let Some(kind) = caller.kind() {
            self.one("aws:PrincipalType", kind);
        }
        if let Some(account) = caller.account() {
            self.one("aws:PrincipalAccount", account);
            self.one("aws:PrincipalIsAWSService", "false");
            self.one("kms:CallerAccount", account);
        } else {
            self.one("aws:PrincipalAccount", "anonymous");
        }
        if let Some(arn) = caller.principal_arn() {
            self.one("aws:PrincipalArn", &arn);
        }
        match &caller.identity {
            Identity::User { name, arn: _ } => {
                self.one("aws:username", name);
                self.derive("aws:userid", Fact::There);
            }
            Identity::Root => self.one("aws:userid", &caller.account),
            Identity::Role { .. } | Identity::FederatedUser { .. } => {
                self.derive("aws:userid", Fact::There);
            }
            Identity::Service { .. } | Identity::Anonymous => {}
        }
    }

    fn organisations(&mut self) {
        let Organisations { caller, owner } = self.place.organisations;
        if let (Some(Organisation { id, path, .. }), Some(_)) = (caller, self.builder.caller.account()) {
            self.one("aws:PrincipalOrgID", id);
            self.derive("aws:PrincipalOrgPaths", Fact::List(vec![path.as_str().into()]));
        }
        if let Some(Organisation { id, path, .. }) = owner {
            self.one("aws:ResourceOrgID", id);
            self.derive("aws:ResourceOrgPaths", Fact::List(vec![path.as_str().into()]));
        }
        if let Some(owner) = self.place.owner {
            self.one("aws:ResourceAccount", owner);
        }
        let account = self.builder.caller.account();
        if account.is_some() && account == self.place.owner {
            self.one_place();
        }
    }

    /// Caller and owner are one account, and what tells where it is tells it
    /// of both.
    fn one_place(&mut self) {
        for [told, same] in [
            ["aws:PrincipalOrgID", "aws:ResourceOrgID"],
            ["aws:ResourceOrgID", "aws:PrincipalOrgID"],
            ["aws:PrincipalOrgPaths", "aws:ResourceOrgPaths"],
            ["aws:ResourceOrgPaths", "aws:PrincipalOrgPaths"],
        ] {
            if let Some(fact) = self.keys.find(&told.to_ascii_lowercase()).cloned() {
                self.derive(same, fact);
            }
        }
    }

    /// The id of a multi-Region key tells that it is one (KMS developer guide,
    /// "Multi-Region keys", read 2026-11). Of a key that is not there yet it
    /// is not known.
    fn key(&mut self) {
        let id = Arn::parse(&self.builder.resource).and_then(|arn| arn.resource.strip_prefix("key/"));
        let multi_region = id.map(|id| id.starts_with("mrk-"));
        match (self.place.scope, multi_region) {
            (Scope::Key, Some(multi_region)) => self.one("kms:MultiRegion", &multi_region.to_string()),
            (Scope::NewKey, Some(true)) => self.one("kms:MultiRegion", "true"),
            _ => {}
        }
        if !matches!(self.place.scope, Scope::Key | Scope::NewKey) {
            return;
        }
        match self.keys.one("kms:multiregion") {
            Some(text) if text.eq_ignore_ascii_case("true") => {
                self.derive("kms:MultiRegionKeyType", Fact::There);
            }
            Some(_) => {}
            None => self.derive("kms:MultiRegionKeyType", Fact::Unknown),
        }
    }

    fn request(&mut self) {
        if let Some(region) =
            Arn::parse(&self.builder.resource).map(|arn| arn.region).filter(|region| !region.is_empty())
        {
            self.one("aws:RequestedRegion", region);
        }
        if let Some(Fact::List(services)) = self.keys.find("aws:calledvia").cloned() {
            services.first().into_iter().for_each(|first| self.one("aws:CalledViaFirst", first));
            services.last().into_iter().for_each(|last| self.one("aws:CalledViaLast", last));
        }
        if let Some(alias) = self.place.alias {
            self.one("kms:RequestAlias", alias);
        }
    }

    /// The defaults KMS fills in for parameters that the caller left out.
    fn parameters(&mut self) {
        let Some(action) = self.place.action.kms else { return };
        let defaults: &[(&str, &str)] = match action.name {
            "CreateKey" => &[
                ("kms:KeySpec", "SYMMETRIC_DEFAULT"),
                ("kms:KeyUsage", "ENCRYPT_DECRYPT"),
                ("kms:KeyOrigin", "AWS_KMS"),
                ("kms:MultiRegion", "false"),
            ],
            "EnableKeyRotation" => &[("kms:RotationPeriodInDays", "365")],
            "ScheduleKeyDeletion" => &[("kms:ScheduleKeyDeletionPendingWindowInDays", "30")],
            "Sign" | "Verify" => &[("kms:MessageType", "RAW")],
            "Encrypt"
            | "Decrypt"
            | "ReEncryptFrom"
            | "ReEncryptTo"
            | "GenerateDataKey"
            | "GenerateDataKeyPair"
            | "GenerateDataKeyPairWithoutPlaintext"
            | "GenerateDataKeyWithoutPlaintext" => &[("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT")],
            _ => &[],
        };
        for (name, value) in defaults {
            self.one(name, value);
        }
        for (former, now) in
            [("kms:CustomerMasterKeySpec", "kms:keyspec"), ("kms:CustomerMasterKeyUsage", "kms:keyusage")]
        {
            if let Some(fact) = self.keys.find(now).cloned() {
                self.follow(former, fact);
            }
        }
    }
}
