//! From arguments to a proven plan: which controls hang where, in which
//! organisation.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::said::Said;
use crate::aws::Organizations;
use crate::cli::config;
use crate::cli::config::Configuration;
use crate::cli::exit::Failure;
use crate::controls::catalogue::Catalogue;
use crate::controls::contract::guardrail::Environment;
use crate::controls::contract::guardrail::Scope;
use crate::controls::contract::settings::SettingValue;
use crate::guardrails::attach::owned;
use crate::guardrails::change::sids_of;
use crate::guardrails::generate::Order;
use crate::guardrails::generate::generate;
use crate::guardrails::layout::Layout;
use crate::guardrails::pack::Packing;
use crate::guardrails::pack::pack;
use crate::guardrails::plan::NAME_PREFIX;
use crate::guardrails::plan::Plan;
use crate::guardrails::prove::Failure as Refutation;
use crate::guardrails::prove::ProveError;
use crate::guardrails::prove::Proven;
use crate::guardrails::prove::prove;
use crate::model::org::OrgPath;
use crate::model::org::OrganizationId;
use crate::model::org::OrganizationalUnitId;
use crate::model::org::PolicyType;
use crate::model::org::RootId;
use crate::model::org::TargetId;
use crate::model::region::Partition;
use crate::provider::guardrails::known_environments;
use crate::provider::guardrails::located;
use crate::provider::guardrails::path_of;

/// Which policies are meant.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Which policies")]
pub(super) struct PlanArgs {
    /// Controls, settings and where they hang as JSON, the organisation and its environments among them
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Controls at a place: `root=mfa,key-rotation`; the place is `root`, an environment or an id; may be repeated
    /// [default: the `guardrails.ou_map` of the configuration; without one every control on the root]
    #[arg(long = "on", value_name = "PLACE=CONTROLS")]
    placements: Vec<String>,
    /// A pattern of principal ARNs that every statement spares, besides those of the configuration; may be repeated
    #[arg(long = "exempt", value_name = "ARN")]
    exempt: Vec<String>,
    /// The organisation, where the configuration does not name it
    #[arg(long, value_name = "ID")]
    organization: Option<OrganizationId>,
    /// The root, where the configuration names no environment
    #[arg(long, value_name = "ID")]
    root: Option<RootId>,
    /// What the names of the policies begin with
    #[arg(long, value_name = "PREFIX", default_value = NAME_PREFIX)]
    pub(super) name_prefix: String,
}

/// A plan, not yet proven, with the catalogue that it was made from.
pub(super) struct Wanted {
    catalogue: Catalogue,
    environments: BTreeMap<String, Environment>,
    exempt: BTreeSet<String>,
    plan: Plan,
}

/// A proven plan, with the catalogue that it was made from.
pub(super) struct Assured {
    /// The controls with their settings.
    pub(super) catalogue: Catalogue,
    /// The environments by name.
    pub(super) environments: BTreeMap<String, Environment>,
    exempt: BTreeSet<String>,
    /// The documents.
    pub(super) plan: Proven<Plan>,
}

/// Why a plan is not proven.
pub(super) enum Unproven {
    /// The judge decided otherwise than it must.
    Refuted(Vec<Refutation>),
    /// There is nothing to judge.
    Failed(Failure),
}

impl PlanArgs {
    /// The plan, proven; a proof that does not hold is a failure.
    pub(super) fn proven(&self, own_role: Option<&str>) -> Result<Assured, Failure> {
        assured(self.wanted()?.prove(own_role))
    }

    /// The plan for the organisation as it is, proven: its units where they hang, and what is in force in the
    /// documents in which it is.
    pub(super) async fn proven_in(&self, api: &dyn Organizations) -> Result<Assured, Failure> {
        let Configuration { catalogue, guardrails } = config::configuration(self.config.as_deref())?;
        let said = Said::new(&self.placements, &self.exempt, guardrails)?;
        let places = known_environments(&catalogue);
        let places: BTreeMap<String, TargetId> =
            places.into_iter().map(|(name, place)| (name, place.target())).collect();
        let organization = api.organization().await?;
        let root = api.root().await?.id;
        let mut layout = Layout::new(organization.id, root, Some(organization.management_account));
        for target in places.values().cloned().chain(said.targets()) {
            if let Some(path) = path_of(api, &layout, &target).await? {
                layout = layout.with(target, path);
            }
        }
        let catalogue = located(&catalogue, &layout, &places).map_err(|errors| {
            let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
            Failure::new(lines.join("\n"))
        })?;
        let current = owned(api, &self.name_prefix, &BTreeSet::new()).await?;
        let previous =
            current.iter().map(|policy| ((policy.policy_type, policy.name.clone()), sids_of(policy)));
        assured(self.drawn(catalogue, said, layout, previous.collect())?.prove(None))
    }

    /// The plan that the arguments ask for.
    pub(super) fn wanted(&self) -> Result<Wanted, Failure> {
        let Configuration { catalogue, guardrails } = config::configuration(self.config.as_deref())?;
        let said = Said::new(&self.placements, &self.exempt, guardrails)?;
        let layout = self.layout(&environments(&catalogue))?;
        self.drawn(catalogue, said, layout, BTreeMap::new())
    }

    fn drawn(
        &self,
        catalogue: Catalogue,
        said: Said,
        layout: Layout,
        previous: BTreeMap<(PolicyType, String), BTreeSet<String>>,
    ) -> Result<Wanted, Failure> {
        let environments = environments(&catalogue);
        let order = Order {
            placements: said.placements(&environments, &layout)?,
            written: Vec::new(),
            policy_types: BTreeSet::from([PolicyType::ServiceControl, PolicyType::ResourceControl]),
            exempt: said.exempt.clone(),
            role_administrators: None,
        };
        let mut labels = BTreeMap::from([(layout.root(), "root".to_owned())]);
        labels.extend(
            environments.values().map(|environment| (environment.place.clone(), environment.name.clone())),
        );
        let packing = Packing {
            name_prefix: self.name_prefix.clone(),
            labels,
            limits: BTreeMap::new(),
            previous,
            taken: BTreeMap::new(),
            standing: BTreeMap::new(),
        };
        let plan = pack(generate(&catalogue, &order, layout)?, &packing)?;
        Ok(Wanted { catalogue, environments, exempt: said.exempt, plan })
    }

    /// The organisation as far as the configuration tells it. A unit given by
    /// its id alone is taken to hang directly below the root: the documents
    /// carry a pattern that holds wherever it hangs.
    fn layout(&self, environments: &BTreeMap<String, Environment>) -> Result<Layout, Failure> {
        let organization = self.organization.clone().or_else(|| environments.values().find_map(organization));
        let root = self.root.clone().or_else(|| environments.values().find_map(root));
        let (Some(organization), Some(root)) = (organization, root) else {
            return Err(Failure::new("the configuration does not say which organisation is meant").advise(
                "set `environments` and `organization_id` of `environment_boundary`, or give `--organization` and `--root`",
            ));
        };
        let mut layout = Layout::new(organization.clone(), root.clone(), None);
        for environment in environments.values() {
            let path = environment.path.clone().unwrap_or_else(|| {
                let units = match &environment.place {
                    TargetId::OrganizationalUnit(unit) => vec![unit.clone()],
                    TargetId::Root(_) | TargetId::Account(_) => Vec::new(),
                };
                OrgPath::new(organization.clone(), root.clone(), units)
            });
            layout = layout.with(environment.place.clone(), path);
        }
        Ok(layout)
    }
}

impl Wanted {
    /// Proves the plan.
    pub(super) fn prove(self, own_role: Option<&str>) -> Result<Assured, Unproven> {
        let Self { catalogue, environments, exempt, plan } = self;
        match prove(plan, own_role) {
            Ok(plan) => Ok(Assured { catalogue, environments, exempt, plan }),
            Err(ProveError::Failed(failures)) => Err(Unproven::Refuted(failures)),
            Err(error) => Err(Unproven::Failed(error.into())),
        }
    }
}

impl Assured {
    /// The partition that every ARN in the settings and among the exemptions
    /// names; the commercial one where there is none.
    pub(super) fn partition(&self) -> Result<Partition, Failure> {
        let settings = self.catalogue.settings().values().flat_map(|settings| settings.values());
        let texts = settings.filter_map(|setting| match setting {
            SettingValue::Texts(texts) => Some(texts),
            SettingValue::Bool(_)
            | SettingValue::Integer(_)
            | SettingValue::Text(_)
            | SettingValue::TextByName(_)
            | SettingValue::TextsByName(_) => None,
        });
        let texts = texts.flatten().chain(&self.exempt);
        let named: BTreeSet<&str> =
            texts.filter_map(|text| text.strip_prefix("arn:")?.split(':').next()).collect();
        let mut named = named.into_iter();
        match (named.next(), named.next()) {
            (None, _) => Ok(Partition::Aws),
            (Some(only), None) => Ok(Partition::from(only)),
            (Some(one), Some(other)) => Err(Failure::new(format!(
                "the configuration names ARNs of `{one}` and of `{other}`, so it does not say where the accounts are"
            ))
            .advise("give `--partition`")),
        }
    }
}

/// A proof that does not hold is a failure.
fn assured(proved: Result<Assured, Unproven>) -> Result<Assured, Failure> {
    proved.map_err(|unproven| match unproven {
        Unproven::Failed(failure) => failure,
        Unproven::Refuted(failures) => {
            let lines: Vec<String> = failures.iter().map(ToString::to_string).collect();
            Failure::new(format!("the policies are not proven:\n{}", lines.join("\n")))
        }
    })
}

/// The environments that the controls speak of.
fn environments(catalogue: &Catalogue) -> BTreeMap<String, Environment> {
    let clauses = catalogue.rules().flat_map(|(_, rule)| rule.guardrail().clauses().to_vec());
    let environments = clauses.filter_map(|clause| match clause.scope {
        Scope::WherePlaced => None,
        Scope::RootFor(environment) | Scope::UnitOf(environment) => {
            Some((environment.name.clone(), environment))
        }
    });
    environments.collect()
}

fn organization(environment: &Environment) -> Option<OrganizationId> {
    environment.pattern.split('/').next()?.parse().ok()
}

/// The root; an organizational unit's id carries the root's suffix.
fn root(environment: &Environment) -> Option<RootId> {
    match &environment.place {
        TargetId::Root(root) => Some(root.clone()),
        TargetId::OrganizationalUnit(unit) => root_of(unit),
        TargetId::Account(_) => None,
    }
}

fn root_of(unit: &OrganizationalUnitId) -> Option<RootId> {
    let suffix = unit.as_str().strip_prefix("ou-")?.split('-').next()?;
    format!("r-{suffix}").parse().ok()
}
