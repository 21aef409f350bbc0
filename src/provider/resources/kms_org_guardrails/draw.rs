//! From what is wanted and what is there to a proven plan, or to the reasons
//! why there is none.

use std::collections::{BTreeMap, BTreeSet};

use crate::controls::catalogue::{Catalogue, CatalogueError};
use crate::controls::contract::doc::ControlId;
use crate::controls::contract::place::Place;
use crate::controls::contract::settings::{ORGANIZATION_ID, SettingValue, Settings};
use crate::controls::{CONTROLS, Control};
use crate::guardrails::generate::{GenerateError, Order, generate};
use crate::guardrails::layout::Layout;
use crate::guardrails::pack::{PackError, Packing, pack};
use crate::guardrails::plan::Plan;
use crate::guardrails::prove::{ProveError, Proven, prove};
use crate::model::capitalised;
use crate::model::org::{PolicyType, TargetId};
use crate::model::quota;
use crate::provider::resources::kms_org_guardrails::survey::Survey;
use crate::provider::resources::kms_org_guardrails::wanted::{Spot, Wanted};
use crate::tf::{Diagnostic, Diagnostics, Path};

/// The environments that the provider block names, with their places.
pub(crate) fn known_environments(catalogue: &Catalogue) -> BTreeMap<String, Place> {
    let settings = locating().filter_map(|control| catalogue.settings().get(control.argument()));
    let environments = settings.filter_map(|settings| settings.get(ENVIRONMENTS));
    let places = environments.filter_map(|setting| match setting {
        SettingValue::TextByName(places) => Some(places),
        SettingValue::Bool(_)
        | SettingValue::Integer(_)
        | SettingValue::Text(_)
        | SettingValue::Texts(_)
        | SettingValue::TextsByName(_) => None,
    });
    places.flatten().filter_map(|(name, place)| Some((name.clone(), place.parse().ok()?))).collect()
}

/// Whether the places of environments are known only after apply: they are
/// keys of `ou_map`, and policies are named after them.
pub(crate) fn environments_undecided(undecided: &BTreeSet<ControlId>) -> bool {
    locating().any(|control| undecided.contains(&control.id()))
}

/// The controls that are told where environments are.
fn locating() -> impl Iterator<Item = &'static dyn Control> {
    let locates = |control: &&dyn Control| control.settings().iter().any(|spec| spec.name == ENVIRONMENTS);
    CONTROLS.iter().copied().filter(locates)
}

/// Generates, packs and proves. `own_role` is the ARN of whoever applies.
pub(crate) fn draw(
    catalogue: &Catalogue,
    wanted: &Wanted,
    survey: &Survey,
    own_role: Option<&str>,
) -> Result<Proven<Plan>, Diagnostics> {
    let catalogue = located(catalogue, &survey.layout, &survey.environments).map_err(not_located)?;
    let placements = wanted.hung.iter().filter_map(|(spot, hung)| Some((survey.target(spot)?, hung)));
    let mut controls: BTreeMap<TargetId, BTreeSet<_>> = BTreeMap::new();
    for (target, hung) in placements {
        controls.entry(target).or_default().extend(hung.controls.iter().copied());
    }
    let order = Order {
        placements: controls,
        written: wanted.written(|spot| survey.target(spot)),
        policy_types: wanted.policy_types.clone(),
        exempt: wanted.exempt.clone(),
        role_administrators: wanted.role_administrators.clone(),
    };
    let draft = generate(&catalogue, &order, survey.layout.clone())
        .map_err(|error| not_generated(&error, wanted, survey))?;
    let plan = pack(draft, &packing(wanted, survey)).map_err(|error| not_packed(&error, wanted))?;
    prove(plan, own_role).map_err(|error| not_proven(&error))
}

/// The catalogue with the environments at the places the organisation has them.
pub(crate) fn located(
    catalogue: &Catalogue,
    layout: &Layout,
    environments: &BTreeMap<String, TargetId>,
) -> Result<Catalogue, Vec<CatalogueError>> {
    let path = |(name, place): (&String, &TargetId)| {
        let path = layout.path(place).map_or_else(|| place.to_string(), ToString::to_string);
        (name.clone(), path)
    };
    let environments: BTreeMap<String, String> = environments.iter().map(path).collect();
    let organization = layout.organization().to_string();
    let mut settings = catalogue.settings().clone();
    for control in locating() {
        let located: &mut Settings = settings.entry(control.argument().to_owned()).or_default();
        located.insert(ENVIRONMENTS.to_owned(), SettingValue::TextByName(environments.clone()));
        located.insert(ORGANIZATION_ID.to_owned(), SettingValue::Text(organization.clone()));
    }
    Catalogue::configure(&settings, catalogue.waivers().to_vec())
}

fn not_located(errors: Vec<CatalogueError>) -> Diagnostics {
    let diagnostic = |error: CatalogueError| {
        Diagnostic::error("Invalid environments", format!("{error}.")).at(Path::attribute("environments"))
    };
    errors.into_iter().map(diagnostic).collect()
}

fn packing(wanted: &Wanted, survey: &Survey) -> Packing {
    let mut labels: BTreeMap<TargetId, String> =
        survey.environments.iter().map(|(name, target)| (target.clone(), name.clone())).collect();
    labels.insert(survey.layout.root(), "root".to_owned());
    let previous = survey.current.iter().map(|policy| {
        let kind = crate::guardrails::change::sids_of(policy);
        ((policy.policy_type, policy.name.clone()), kind)
    });
    Packing {
        name_prefix: wanted.name_prefix.clone(),
        labels,
        limits: wanted.limits(),
        previous: previous.collect(),
        taken: survey.taken.clone(),
        standing: survey.standing(),
    }
}

fn not_generated(error: &GenerateError, wanted: &Wanted, survey: &Survey) -> Diagnostics {
    let target = match error {
        GenerateError::NoEnvironment { target, .. } | GenerateError::UnknownTarget { target, .. } => target,
    };
    let key = wanted.hung.keys().find(|spot| survey.target(spot).as_ref() == Some(target));
    let path = match key {
        Some(Spot::Root) => Path::attribute("ou_map").key("root"),
        Some(Spot::Environment(name)) => Path::attribute("ou_map").key(name),
        Some(Spot::Target(target)) => Path::attribute("ou_map").key(target.to_string()),
        None => Path::attribute("ou_map"),
    };
    Diagnostic::error("Control in the wrong place", format!("{}.", capitalised(&error.to_string())))
        .at(path)
        .into()
}

fn not_packed(error: &PackError, wanted: &Wanted) -> Diagnostics {
    let written = |name: &str| {
        let own = name.strip_prefix(&wanted.name_prefix)?;
        let named = wanted.hung.values().any(|hung| hung.written.contains_key(own));
        named.then(|| Path::attribute("policies").key(own))
    };
    let advice = match error {
        PackError::TooLong { policy_type: PolicyType::ResourceControl, found, .. }
            if *found <= quota::SCP_CHARACTERS.value =>
        {
            "Only service control policies may have 10,240; what names no principal and speaks of the callers alone can \
             be one. Otherwise divide it into several, or shorten its lists."
        }
        PackError::TooLong { .. } => {
            "Shorten what makes it long, such as a list of exemptions or of allowed values: exempt roles by a path \
             with a wildcard instead of one by one."
        }
        PackError::TooMany { .. } => {
            "Hang less on this target: place controls on the root, where they hold for everything below, or detach \
             policies of others. `terraform destroy -refresh=false` takes guardrails away without looking at quotas."
        }
        PackError::NameTooLong { .. } => "Shorten `name_prefix` or the names of the environments.",
    };
    let path = match error {
        PackError::NameTooLong { .. } => Path::attribute("name_prefix"),
        PackError::TooLong { name, .. } => written(name).unwrap_or(Path::attribute("ou_map")),
        PackError::TooMany { .. } => Path::attribute("ou_map"),
    };
    Diagnostic::error(
        "Policies exceed a quota of AWS",
        format!("{}. {advice}", capitalised(&error.to_string())),
    )
    .at(path)
    .into()
}

fn not_proven(error: &ProveError) -> Diagnostics {
    let advice = match error {
        ProveError::Failed(_) => {
            "Nothing is attached that is not proven. If `policies` are named, correct that statement; if an exemption \
             is wider than meant, narrow it; otherwise please report this."
        }
        ProveError::Unreadable { .. } | ProveError::Request(_) => "Please report this.",
    };
    Diagnostic::error("Guardrails are not proven", format!("{}. {advice}", capitalised(&error.to_string())))
        .at(Path::attribute("ou_map"))
        .into()
}

// The settings by which a control is told where environments are.
const ENVIRONMENTS: &str = "environments";
