//! A report with one key of each kind, hostile texts included, for the tests of
//! everything that shows a report.

use std::collections::BTreeMap;

use time::macros::{date, datetime};

use super::evaluate::{AuditedKey, Coverage, Gap, NotAsked, Report, Summary};
use super::record::{GrantRecord, KeyRecord, TagRecord};
use super::scope::Place;
use super::unasked::Unasked;
use crate::controls::contract::doc::ControlId;
use crate::controls::contract::doc::Severity;
use crate::controls::contract::finding::Finding;
use crate::controls::contract::finding::Status;
use crate::controls::contract::waiver::Waiver;

fn finding(control: &'static str, title: &'static str, status: Status, detail: &str) -> Finding {
    let waived = (status == Status::Waived).then(|| Waiver {
        control: ControlId(control),
        key: "alias/legacy".to_owned(),
        reason: "moves to a new key in spring".to_owned(),
        approved_by: "security@example.com".to_owned(),
        expires: date!(2027 - 01 - 31),
    });
    Finding {
        control: ControlId(control),
        title,
        severity: if control == "required-tags" { Severity::Medium } else { Severity::High },
        status,
        violations: Vec::new(),
        detail: detail.to_owned(),
        remedy: "Do what is required.",
        waiver: waived,
    }
}

fn record(number: u8, alias: &str) -> KeyRecord {
    KeyRecord {
        key_id: format!("0000000{number}-1111-2222-3333-444444444444"),
        key_arn: Some(format!(
            "arn:aws:kms:eu-west-1:222222222222:key/0000000{number}-1111-2222-3333-444444444444"
        )),
        key_state: Some("Enabled".to_owned()),
        key_usage: Some("ENCRYPT_DECRYPT".to_owned()),
        key_spec: Some("SYMMETRIC_DEFAULT".to_owned()),
        origin: Some("AWS_KMS".to_owned()),
        key_manager: Some("CUSTOMER".to_owned()),
        deletion_date: None,
        key_policy: Some(serde_json::json!({"Version": "2012-10-17", "Statement": []})),
        key_rotation_enabled: Some(true),
        aliases: Some(vec![alias.to_owned()]),
        grants: Some(Vec::new()),
        tags: Some(vec![TagRecord { key: "Environment".to_owned(), value: "prod".to_owned() }]),
        multi_region: Some(false),
        replica_keys: Some(Vec::new()),
        description: Some("Payments".to_owned()),
        rotation_period_in_days: Some(365),
        next_rotation_date: Some("2027-01-01T00:00:00Z".to_owned()),
        unreadable: Vec::new(),
    }
}

/// One key of each kind: as required, hostile and failing, waived, unreadable.
pub(crate) fn example() -> Report {
    let (rotation, tags) = ("Keys rotate automatically", "Keys carry the required tags");
    let key = |record, findings| AuditedKey { record, findings };
    let keys = vec![
        key(
            record(1, "alias/ledger"),
            vec![
                finding("key-rotation", rotation, Status::Pass, "rotates every 365 days"),
                finding("required-tags", tags, Status::NotApplicable, "no tags are required"),
            ],
        ),
        key(
            hostile(),
            vec![
                finding("key-rotation", rotation, Status::Fail, "rotation is off; required is on"),
                finding("required-tags", tags, Status::Fail, "tag `Owner` is missing"),
            ],
        ),
        key(
            record(3, "alias/legacy"),
            vec![
                finding("key-rotation", rotation, Status::Waived, "rotation is off; waived until 2027-01-31"),
                finding("required-tags", tags, Status::Pass, "all tags are there"),
            ],
        ),
        key(
            closed(),
            vec![
                finding("key-rotation", rotation, Status::Unknown, "rotation is not readable"),
                finding("required-tags", tags, Status::Unknown, "tags are not readable"),
            ],
        ),
    ];
    Report {
        place: Place { account: Some("222222222222".parse().unwrap()), region: "eu-west-1".parse().unwrap() },
        time: datetime!(2026-11-22 10:00 UTC),
        summary: Summary::of(&keys),
        keys,
        coverage: Coverage {
            aws_managed: 2,
            vanished: vec!["00000009-1111-2222-3333-444444444444".to_owned()],
            gaps: vec![Gap {
                key_id: "00000004-1111-2222-3333-444444444444".to_owned(),
                read: "description",
                reason: "DescribeKey failed: AccessDeniedException: not authorized".to_owned(),
            }],
            not_asked: vec![NotAsked { reason: Unasked::NotDescribed, keys: 1 }],
        },
    }
}

/// A key whose texts try to become markup.
fn hostile() -> KeyRecord {
    let mut hostile = record(2, "alias/payments");
    hostile.description = Some("<script>alert('description')</script>".to_owned());
    hostile.tags = Some(vec![TagRecord {
        key: "Owner\"><script>alert(1)</script>".to_owned(),
        value: "</code><img src=x onerror=alert(2)>".to_owned(),
    }]);
    hostile.grants = Some(vec![GrantRecord {
        grant_id: "grant-1".to_owned(),
        grantee_principal: "arn:aws:iam::222222222222:role/app".to_owned(),
        operations: vec!["Decrypt".to_owned()],
        constraints: BTreeMap::new(),
    }]);
    hostile.key_policy = Some(serde_json::json!({"Statement": [{"Sid": "</pre><script>alert(3)</script>"}]}));
    hostile
}

/// A key that refuses to be read.
fn closed() -> KeyRecord {
    let mut closed = record(4, "alias/closed");
    closed.key_arn = None;
    closed.key_state = None;
    closed.key_policy = None;
    closed.tags = None;
    closed.key_rotation_enabled = None;
    closed.unreadable = vec!["key_arn", "key_state", "key_policy", "tags", "key_rotation_enabled"];
    closed
}
