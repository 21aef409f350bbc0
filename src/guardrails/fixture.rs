//! An organisation for tests: root, dev and prod, every control in force.

use std::collections::{BTreeMap, BTreeSet};

use crate::controls::CONTROLS;
use crate::controls::catalogue::Catalogue;
use crate::controls::contract::doc::ControlId;
use crate::controls::contract::settings::{SettingValue, Settings};
use crate::guardrails::generate::{Order, generate};
use crate::guardrails::layout::Layout;
use crate::guardrails::pack::{Packing, pack};
use crate::guardrails::plan::{Draft, Plan};
use crate::model::org::{PolicyType, TargetId};

pub(super) const DEV: &str = "ou-ab12-11111111";
pub(super) const PROD: &str = "ou-ab12-22222222";

pub(super) fn target(text: &str) -> TargetId {
    text.parse().unwrap()
}

pub(super) fn layout() -> Layout {
    let path = |unit: &str| format!("o-a1b2c3d4e5/r-ab12/{unit}/").parse().unwrap();
    let organization = "o-a1b2c3d4e5".parse().unwrap();
    Layout::new(organization, "r-ab12".parse().unwrap(), Some("111111111111".parse().unwrap()))
        .with(target(DEV), path(DEV))
        .with(target(PROD), path(PROD))
}

pub(super) fn catalogue() -> Catalogue {
    let texts = |texts: &[&str]| SettingValue::Texts(texts.iter().map(|text| (*text).to_owned()).collect());
    let environments = [("dev", DEV), ("prod", PROD)];
    let environments: BTreeMap<String, String> = environments
        .into_iter()
        .map(|(name, unit)| (name.to_owned(), format!("o-a1b2c3d4e5/r-ab12/{unit}/")))
        .collect();
    let allowed = BTreeSet::from(["dev".to_owned(), "prod".to_owned()]);
    let tags = BTreeMap::from([("Environment".to_owned(), allowed)]);
    let settings = BTreeMap::from([
        (
            "environment_boundary".to_owned(),
            Settings::from([
                ("environments".to_owned(), SettingValue::TextByName(environments)),
                ("exempt_principal_arns".to_owned(), texts(&["arn:aws:iam::111111111111:role/break-glass"])),
            ]),
        ),
        (
            "mfa".to_owned(),
            Settings::from([("exempt_principal_arns".to_owned(), texts(&["arn:aws:iam::*:role/terraform"]))]),
        ),
        (
            "required_tags".to_owned(),
            Settings::from([
                ("keys".to_owned(), texts(&["Owner", "Environment"])),
                ("allowed_values".to_owned(), SettingValue::TextsByName(tags)),
            ]),
        ),
    ]);
    Catalogue::configure(&settings, Vec::new()).unwrap()
}

pub(super) fn order(places: &[(&str, &[&str])]) -> Order {
    let id =
        |name: &&str| -> ControlId { CONTROLS.iter().find(|control| control.id().0 == *name).unwrap().id() };
    Order {
        placements: places.iter().map(|(place, ids)| (target(place), ids.iter().map(id).collect())).collect(),
        written: Vec::new(),
        policy_types: BTreeSet::from([PolicyType::ServiceControl, PolicyType::ResourceControl]),
        exempt: BTreeSet::from(["arn:aws:iam::*:role/ops/*-admin".to_owned()]),
        role_administrators: None,
    }
}

/// Everything everywhere it belongs.
pub(super) fn full_order() -> Order {
    order(&[
        (
            "r-ab12",
            &["deletion-window", "environment-boundary", "key-rotation", "mfa-for-critical-operations"],
        ),
        (DEV, &["required-tags"]),
        (PROD, &["required-tags"]),
    ])
}

pub(super) fn packing() -> Packing {
    Packing {
        name_prefix: "keyrail-".to_owned(),
        labels: BTreeMap::from([
            (target("r-ab12"), "root".to_owned()),
            (target(DEV), "dev".to_owned()),
            (target(PROD), "prod".to_owned()),
        ]),
        limits: BTreeMap::new(),
        previous: BTreeMap::new(),
        taken: BTreeMap::new(),
        standing: BTreeMap::new(),
    }
}

pub(super) fn draft() -> Draft {
    generate(&catalogue(), &full_order(), layout()).unwrap()
}

pub(super) fn plan() -> Plan {
    pack(draft(), &packing()).unwrap()
}
