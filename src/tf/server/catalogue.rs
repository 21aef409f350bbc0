//! What the provider offers, by name, with schemas and types made once.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Named;

use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::function::{Function, Signature};
use crate::tf::schema::{Place, Schema};
use crate::tf::traits::{DataSource, Provider, Resource};
use crate::tf::value::Type;

pub(super) struct Catalogue<C> {
    pub(super) provider: Shape,
    pub(super) meta: Option<Shape>,
    pub(super) resources: BTreeMap<&'static str, Entry<dyn Resource<C>>>,
    pub(super) data_sources: BTreeMap<&'static str, Entry<dyn DataSource<C>>>,
    pub(super) functions: BTreeMap<&'static str, (Box<dyn Function>, Signature)>,
    /// What was said of names that are taken twice.
    clashes: Vec<String>,
}

/// A schema and the type that follows from it.
pub(super) struct Shape {
    pub(super) schema: Schema,
    pub(super) ty: Type,
}

/// A resource or data source with its shape.
pub(super) struct Entry<T: ?Sized> {
    pub(super) item: Box<T>,
    pub(super) shape: Shape,
}

impl<C: Send + Sync + 'static> Catalogue<C> {
    pub(super) fn of<P: Provider<Configured = C>>(provider: &P) -> Self {
        let resource = |item: Box<dyn Resource<C>>| {
            let shape = Shape::of(item.schema());
            (item.type_name(), Entry { item, shape })
        };
        let data_source = |item: Box<dyn DataSource<C>>| {
            let shape = Shape::of(item.schema());
            (item.type_name(), Entry { item, shape })
        };
        let function = |item: Box<dyn Function>| {
            let signature = item.signature();
            (item.name(), (item, signature))
        };
        let mut clashes = Vec::new();
        Self {
            provider: Shape::of(provider.schema()),
            meta: provider.meta_schema().map(Shape::of),
            resources: named("resources", provider.resources().into_iter().map(resource), &mut clashes),
            data_sources: named(
                "data sources",
                provider.data_sources().into_iter().map(data_source),
                &mut clashes,
            ),
            functions: named("functions", provider.functions().into_iter().map(function), &mut clashes),
            clashes,
        }
    }

    pub(super) fn resource(&self, name: &str) -> Result<&Entry<dyn Resource<C>>, Diagnostics> {
        self.resources.get(name).ok_or_else(|| absent("resource type", name))
    }

    pub(super) fn data_source(&self, name: &str) -> Result<&Entry<dyn DataSource<C>>, Diagnostics> {
        self.data_sources.get(name).ok_or_else(|| absent("data source", name))
    }

    /// Every broken law of every schema and signature, and every name that is taken twice.
    pub(super) fn problems(&self) -> Diagnostics {
        let schemas = self
            .resources
            .iter()
            .map(|(name, entry)| (*name, Place::Object, &entry.shape))
            .chain(self.data_sources.iter().map(|(name, entry)| (*name, Place::Object, &entry.shape)))
            .chain([("provider", Place::Provider, &self.provider)])
            .chain(self.meta.iter().map(|shape| ("provider_meta", Place::ProviderMeta, shape)));
        let of_schemas = schemas.flat_map(|(name, place, shape)| {
            shape
                .schema
                .broken_laws_in(place)
                .into_iter()
                .map(move |broken| format!("The schema of `{name}` at {broken}"))
        });
        let of_functions = self.functions.iter().flat_map(|(name, (_, signature))| {
            signature
                .broken_laws(name)
                .into_iter()
                .map(move |broken| format!("The function `{name}`: {broken}"))
        });
        self.clashes.iter().cloned().chain(of_schemas).chain(of_functions).map(Diagnostic::bug).collect()
    }
}

/// The items by name; of two with one name the first stays, and the clash is told.
fn named<T>(
    what: &str,
    items: impl Iterator<Item = (&'static str, T)>,
    clashes: &mut Vec<String>,
) -> BTreeMap<&'static str, T> {
    let mut found = BTreeMap::new();
    for (name, item) in items {
        match found.entry(name) {
            Named::Vacant(free) => drop(free.insert(item)),
            Named::Occupied(_) => clashes.push(format!("Two {what} are called `{name}`")),
        }
    }
    found
}

impl Shape {
    pub(super) fn of(schema: Schema) -> Self {
        Self { ty: schema.ty(), schema }
    }
}

fn absent(what: &str, name: &str) -> Diagnostics {
    Diagnostic::error(
        format!("Unknown {what}"),
        format!("This provider has no {what} `{name}`. Check the name, or the version of the provider."),
    )
    .into()
}

#[cfg(test)]
mod tests {
    use super::{Catalogue, Shape, named};
    use crate::tf::diagnostics::Diagnostic;
    use crate::tf::schema::{Attribute, Block, Schema};
    use crate::tf::value::Type;

    fn shape(name: &str) -> Shape {
        Shape::of(Schema::new(Block::new("").attribute(name, Attribute::optional(Type::String))))
    }

    #[test]
    fn every_schema_is_held_to_the_laws_of_its_place_and_no_name_is_taken_twice() {
        let mut clashes = Vec::new();
        let two = [("corner_thing", shape("a")), ("corner_thing", shape("b"))];
        let kept = named("resources", two.into_iter(), &mut clashes);
        assert_eq!(kept.into_keys().collect::<Vec<_>>(), ["corner_thing"]);
        let catalogue = Catalogue::<()> {
            provider: shape("alias"),
            meta: Some(shape("Module")),
            resources: [].into(),
            data_sources: [].into(),
            functions: [].into(),
            clashes,
        };
        let found: Vec<String> = catalogue.problems().iter().map(|problem| problem.detail.clone()).collect();
        let expected = [
            "Two resources are called `corner_thing`",
            "The schema of `provider` at `alias`: the name belongs to Terraform",
            "The schema of `provider_meta` at `Module`: a name consists of lower-case letters, digits and underscores",
        ];
        assert_eq!(found, expected.map(|problem| Diagnostic::bug(problem).detail));
    }
}
