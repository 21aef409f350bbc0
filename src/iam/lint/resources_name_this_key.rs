//! `Resource` means a key that exists, in a key policy this one.

use crate::iam::arn::Arn;
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms;
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::Text;

/// The rule.
#[derive(Debug)]
pub(super) struct ResourcesNameThisKey;

impl Rule for ResourcesNameThisKey {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        let resources = subject.statements().iter().flat_map(kms::resources);
        for resource in resources.filter(|resource| resource.as_str() != "*") {
            let arn = Arn::parse(resource.as_str());
            // Aliases are the business of another rule.
            if arn.is_some_and(|arn| arn.resource.starts_with("alias/")) {
                continue;
            }
            if subject.kind == Kind::Key {
                findings.add(
                    resource.at(),
                    format!("in a key policy `{resource}` matches at most the key it belongs to, and any other ARN nothing"),
                    "write `*`, which means this key",
                );
            } else if let Some(id) = arn.and_then(|arn| key_id(arn, resource)) {
                findings.add(
                    resource.at(),
                    format!("`{id}` is no id of a key, so the resource matches nothing"),
                    "write the key's id, such as `1234abcd-12ab-34cd-56ef-1234567890ab` or `mrk-…`, or a wildcard",
                );
            }
        }
    }
}

/// The part of the ARN where a key's id should be and is not.
fn key_id<'a>(arn: Arn<'a>, resource: &'a Text) -> Option<&'a str> {
    let id = arn.resource.strip_prefix("key/").filter(|_| arn.service == "kms")?;
    let open = kms::is_pattern(id) || resource.as_str().contains("${");
    (!open && !is_key_id(id)).then_some(id)
}

fn is_key_id(id: &str) -> bool {
    let hexadecimal = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Some(rest) = id.strip_prefix("mrk-") {
        return rest.len() == 32 && hexadecimal(rest);
    }
    let lengths: Vec<usize> = id.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && id.split('-').all(hexadecimal)
}

static DOC: Doc = Doc {
    id: "resources-name-this-key",
    number: "L23",
    title: "Resources are keys that can exist",
    severity: Severity::Warning,
    kinds: &[Kind::Key, Kind::ServiceControl, Kind::ResourceControl, Kind::Identity],
    requires: "In a key policy `Resource` is `*`. Elsewhere a key's ARN ends in the id of a key or in a wildcard.",
    why: "A key policy is asked about its own key only: the ARN of another key makes the statement match nothing, and \
          AWS does not say so. A name in place of an id matches no key either.",
    remedy: "Write `*` in a key policy, and ids everywhere else.",
    references: &["KMS developer guide, Key policies"],
};
