//! What a condition key is, and how one is found by its name.
//!
//! Whether a key is a list is decided here and not by how many values a request
//! happens to carry: a plain operator never matches a list key.

use std::sync::LazyLock;

use super::keys::CONDITION_KEYS;

/// The type of a condition key's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are AWS's own and say everything")]
pub enum KeyType {
    Arn,
    Bool,
    Date,
    IpAddress,
    Numeric,
    String,
}

impl KeyType {
    /// The name as in AWS's tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Arn => "ARN",
            Self::Bool => "Bool",
            Self::Date => "Date",
            Self::IpAddress => "IPAddress",
            Self::Numeric => "Numeric",
            Self::String => "String",
        }
    }
}

/// What a condition key is made from, which decides where it can exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Caller, network or resource, in the same way for every service.
    Global,
    /// The way the caller came to KMS: `kms:CallerAccount`, `kms:ViaService`.
    Caller,
    /// The key that the action acts on, or for `CreateKey` makes.
    Key,
    /// A parameter of the request; it exists on the actions that list it and
    /// nowhere else.
    Request,
}

/// Which values requests have under a key, as far as AWS documents it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// Any that are of the type.
    Any,
    /// The number of an account; `anonymous` for callers that have none.
    Account,
    /// ARNs, though AWS calls the type a text.
    Arn,
    /// ARNs of roles, users, federated users and root users; for a session that
    /// of its role.
    Principal,
    /// The name of a Region.
    Region,
    /// These words, to which AWS adds.
    Words(&'static [&'static str]),
}

/// What AWS documents of one condition key.
#[derive(Debug)]
pub struct KeyDefinition {
    /// AWS's spelling; one ending in `:` or `/` stands for all that begin
    /// with it.
    pub name: &'static str,
    /// The type of its values.
    pub kind: KeyType,
    /// Whether it holds a list; only a set operator matches one.
    pub list: bool,
    /// What it is made from.
    pub source: Source,
    /// Whether a wildcard or a policy variable in its value is an error to IAM
    /// Access Analyzer ("Policy check reference").
    pub sensitive: bool,
    /// Which values requests have under it.
    pub values: Values,
    /// When a request has it, in one sentence.
    pub present: &'static str,
}

impl KeyDefinition {
    /// Whether it stands for a family of keys, such as `aws:ResourceTag/`.
    pub fn is_family(&self) -> bool {
        self.name.ends_with([':', '/'])
    }

    /// Whether every call of an action that carries it has it: AWS knows it
    /// anyway or fills it in, so that it is never absent, at most unknown.
    pub fn is_always_there(&self) -> bool {
        is_always_there(&self.name.to_ascii_lowercase())
    }

    /// Whether it belongs to KMS: its own 95 keys and the three of tags.
    pub fn is_of_kms(&self) -> bool {
        self.source != Source::Global
    }
}

/// The definition of a condition key, in any letter case; `None` for keys
/// that neither KMS nor every service has.
pub fn condition_key(name: &str) -> Option<&'static KeyDefinition> {
    definition(&name.to_ascii_lowercase())
}

/// The place in the table of a key given in lower case; `None` for members of
/// families and for keys that have no definition.
pub(crate) fn place(key: &str) -> Option<u8> {
    u8::try_from(search(key).ok()?).ok()
}

/// The definition of a key given in lower case.
pub(crate) fn definition(key: &str) -> Option<&'static KeyDefinition> {
    match search(key) {
        Ok(at) => CONDITION_KEYS.get(at),
        // A family sorts right before its members, and nothing stands between.
        Err(at) => {
            let at = at.checked_sub(1)?;
            let row = CONDITION_KEYS.get(at).filter(|row| row.is_family())?;
            NAMES.get(at).is_some_and(|name| key.starts_with(&**name)).then_some(row)
        }
    }
}

/// The same of a key given in lower case.
pub(crate) fn is_always_there(key: &str) -> bool {
    ALWAYS_THERE.binary_search(&key).is_ok()
}

fn search(key: &str) -> Result<usize, usize> {
    NAMES.binary_search_by(|name| (**name).cmp(key))
}

/// The names in lower case, in the order of the table.
static NAMES: LazyLock<Vec<Box<str>>> =
    LazyLock::new(|| CONDITION_KEYS.iter().map(|row| row.name.to_ascii_lowercase().into()).collect());

/// The keys whose definition says "always", in lower case, and the former
/// names of two of them.
pub(crate) const ALWAYS_THERE: [&str; 27] = [
    "aws:currenttime",
    "aws:epochtime",
    "aws:principalaccount",
    "aws:requestedregion",
    "aws:securetransport",
    "aws:viaawsservice",
    "kms:customermasterkeyspec",
    "kms:customermasterkeyusage",
    "kms:datakeypairspec",
    "kms:encryptionalgorithm",
    "kms:grantoperations",
    "kms:keyagreementalgorithm",
    "kms:keyorigin",
    "kms:keyspec",
    "kms:keyusage",
    "kms:macalgorithm",
    "kms:messagetype",
    "kms:multiregion",
    "kms:primaryregion",
    "kms:reencryptonsamekey",
    "kms:replicaregion",
    "kms:rotationperiodindays",
    "kms:schedulekeydeletionpendingwindowindays",
    "kms:signingalgorithm",
    "kms:trailingdayswithoutkeyusage",
    "kms:wrappingalgorithm",
    "kms:wrappingkeyspec",
];
