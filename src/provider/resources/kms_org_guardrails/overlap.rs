//! Environments that are in each other's way: two on one place, or one below
//! another. A key there would have to carry the tags of both, so none could be
//! made, and the boundary of the outer one admits whoever is in the inner one.

use std::collections::BTreeMap;

use crate::guardrails::layout::Layout;
use crate::model::org::TargetId;
use crate::tf::{Diagnostic, Diagnostics, Path};

/// Refuses what overlaps; `bounded` says whether a boundary is drawn around an environment's place.
pub(super) fn refused(
    environments: &BTreeMap<String, TargetId>,
    layout: &Layout,
    bounded: impl Fn(&TargetId) -> bool,
) -> Diagnostics {
    let mut found = Diagnostics::new();
    for (name, place) in environments {
        for (later, _) in environments.range(name.clone()..).skip(1).filter(|(_, other)| *other == place) {
            found.push(on_one_place(name, later, place));
        }
        let below = environments.iter().filter(|(_, other)| bounded(place) && layout.is_above(place, other));
        for (inner, below) in below {
            found.push(below_another(name, place, inner, below));
        }
    }
    found
}

fn on_one_place(one: &str, other: &str, place: &TargetId) -> Diagnostic {
    let found = format!("`{one}` and `{other}` are both at `{place}`");
    refuse(
        "Two environments on one place",
        &found,
        "give each environment a unit of its own, or leave one out",
    )
}

fn below_another(outer: &str, place: &TargetId, inner: &str, below: &TargetId) -> Diagnostic {
    let found = format!("`{inner}` at `{below}`, which is below `{place}`, the place of `{outer}`");
    let fix = format!(
        "put `{outer}` on a unit that holds nothing of `{inner}`, such as a sibling of `{below}`, or leave one out"
    );
    refuse("An environment lies below another", &found, &fix)
}

fn refuse(summary: &str, found: &str, fix: &str) -> Diagnostic {
    Diagnostic::error(
        summary,
        format!(
            "Found: {found}.\nRequired: environments beside each other. A key has one environment, so where two hold \
             none could be made, and the boundary of the one would admit the other.\nFix: {fix}, in `environments` here \
             or in the provider's control `environment_boundary`."
        ),
    )
    .at(Path::attribute("environments"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::refused;
    use crate::guardrails::layout::Layout;
    use crate::model::org::TargetId;

    const OUTER: &str = "ou-ab12-11111111";
    const INNER: &str = "ou-ab12-33333333";
    const BESIDE: &str = "ou-ab12-22222222";

    fn told(environments: &[(&str, &str)], bounded: bool) -> Vec<String> {
        let target = |text: &str| -> TargetId { text.parse().unwrap() };
        let path = |units: &str| format!("o-a1b2c3d4e5/r-ab12/{units}/").parse().unwrap();
        let layout = Layout::new("o-a1b2c3d4e5".parse().unwrap(), "r-ab12".parse().unwrap(), None)
            .with(target(OUTER), path(OUTER))
            .with(target(BESIDE), path(BESIDE))
            .with(target(INNER), path(&format!("{OUTER}/{INNER}")));
        let environments: BTreeMap<String, TargetId> =
            environments.iter().map(|(name, place)| ((*name).to_owned(), target(place))).collect();
        let found = refused(&environments, &layout, |_| bounded);
        found
            .iter()
            .map(|one| format!("{}: {}: {}", one.path.clone().unwrap(), one.summary, one.detail))
            .collect()
    }

    #[test]
    fn two_environments_on_one_place_are_refused_with_both_names() {
        let found = told(&[("dev", OUTER), ("prod", OUTER), ("test", BESIDE)], false);
        assert_eq!(
            found,
            [
                "environments: Two environments on one place: Found: `dev` and `prod` are both at `ou-ab12-11111111`.\n\
                 Required: environments beside each other. A key has one environment, so where two hold none could be \
                 made, and the boundary of the one would admit the other.\nFix: give each environment a unit of its own, \
                 or leave one out, in `environments` here or in the provider's control `environment_boundary`."
            ]
        );
    }

    #[test]
    fn an_environment_below_another_is_refused_where_a_boundary_is_drawn() {
        let nested = [("inner", INNER), ("outer", OUTER)];
        assert_eq!(
            told(&nested, true),
            [
                "environments: An environment lies below another: Found: `inner` at `ou-ab12-33333333`, which is below \
                 `ou-ab12-11111111`, the place of `outer`.\nRequired: environments beside each other. A key has one \
                 environment, so where two hold none could be made, and the boundary of the one would admit the other.\n\
                 Fix: put `outer` on a unit that holds nothing of `inner`, such as a sibling of `ou-ab12-33333333`, or \
                 leave one out, in `environments` here or in the provider's control `environment_boundary`."
            ]
        );
        assert_eq!(told(&nested, false), [""; 0]);
        assert_eq!(told(&[("inner", INNER), ("beside", BESIDE)], true), [""; 0]);
    }
}
