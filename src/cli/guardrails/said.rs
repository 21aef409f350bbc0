//! Which controls hang where and whom they spare: as the arguments say it, or
//! else the configuration.

use std::collections::{BTreeMap, BTreeSet};

use crate::cli::config::Guardrails;
use crate::cli::exit::Failure;
use crate::controls::CONTROLS;
use crate::controls::catalogue::control_named;
use crate::controls::contract::doc::ControlId;
use crate::controls::contract::exemption::Reach;
use crate::controls::contract::exemption::check_exemption;
use crate::controls::contract::guardrail::Environment;
use crate::guardrails::layout::Layout;
use crate::model::org::TargetId;
use crate::model::quoted;

/// What was said.
pub(super) struct Said {
    /// Places with the names of controls; nothing where nobody said it.
    places: Vec<(String, Vec<String>)>,
    /// Patterns of the ARNs of principals that every statement spares.
    pub(super) exempt: BTreeSet<String>,
}

impl Said {
    /// Arguments such as `root=mfa,key-rotation` take the place of the configuration's map; their exemptions are
    /// added to the configuration's.
    pub(super) fn new(on: &[String], exempt: &[String], configured: Guardrails) -> Result<Self, Failure> {
        let Guardrails { ou_map, exempt_principal_arns } = configured;
        let split = |placement: &String| {
            let (place, controls) = placement.split_once('=').ok_or_else(|| unreadable(placement))?;
            Ok((place.to_owned(), controls.split(',').map(|name| name.trim().to_owned()).collect()))
        };
        let places = if on.is_empty() {
            ou_map.into_iter().collect()
        } else {
            on.iter().map(split).collect::<Result<_, Failure>>()?
        };
        let exempt: BTreeSet<String> = exempt.iter().cloned().chain(exempt_principal_arns).collect();
        exempt.iter().try_for_each(|pattern| check(pattern))?;
        Ok(Self { places, exempt })
    }

    /// The places that are named by their ids.
    pub(super) fn targets(&self) -> impl Iterator<Item = TargetId> {
        self.places.iter().filter_map(|(place, _)| place.parse().ok())
    }

    /// The controls of each place; every control on the root where nothing was said.
    pub(super) fn placements(
        &self,
        environments: &BTreeMap<String, Environment>,
        layout: &Layout,
    ) -> Result<BTreeMap<TargetId, BTreeSet<ControlId>>, Failure> {
        if self.places.is_empty() {
            let every = CONTROLS.iter().map(|control| control.id()).collect();
            return Ok(BTreeMap::from([(layout.root(), every)]));
        }
        let mut placements: BTreeMap<TargetId, BTreeSet<ControlId>> = BTreeMap::new();
        for (place, controls) in &self.places {
            let target = match environments.get(place) {
                Some(environment) => environment.place.clone(),
                None if place == "root" => layout.root(),
                None => place.parse().map_err(|_| no_place(place, environments))?,
            };
            for name in controls {
                let control = control_named(name).ok_or_else(|| no_control(name))?;
                placements.entry(target.clone()).or_default().insert(control.id());
            }
        }
        Ok(placements)
    }
}

fn check(pattern: &str) -> Result<(), Failure> {
    check_exemption(pattern, Reach::AnyAccount).map_err(|required| {
        Failure::new(format!("`{pattern}` can exempt nobody")).advise(format!("write {required}"))
    })
}

fn unreadable(placement: &str) -> Failure {
    Failure::new(format!("`{placement}` does not say which controls hang where"))
        .advise("write a place, `=` and controls, such as `root=mfa,key-rotation`")
}

fn no_place(place: &str, environments: &BTreeMap<String, Environment>) -> Failure {
    let names = environments.keys().map(|name| format!(", `{name}`"));
    Failure::new(format!("`{place}` is no place of the organisation")).advise(format!(
        "the places are `root`{} and the ids of roots, organizational units and accounts, such as `ou-ab12-11111111`; \
         environments are set in `environment_boundary` of the configuration",
        names.collect::<String>()
    ))
}

fn no_control(name: &str) -> Failure {
    let ids = quoted(CONTROLS.iter().map(|control| control.id()));
    Failure::new(format!("`{name}` is no control")).advise(format!("the controls are {ids}"))
}
