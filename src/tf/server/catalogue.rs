//! What the provider offers, by name, with schemas and types made once.

use std::collections::BTreeMap;

use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::function::Signature;
use crate::tf::schema::Schema;
use crate::tf::traits::{DataSource, Function, Provider, Resource};
use crate::tf::value::Type;

pub(super) struct Catalogue<C> {
    pub(super) provider: Shape,
    pub(super) meta: Option<Shape>,
    pub(super) resources: BTreeMap<&'static str, Entry<dyn Resource<C>>>,
    pub(super) data_sources: BTreeMap<&'static str, Entry<dyn DataSource<C>>>,
    pub(super) functions: BTreeMap<&'static str, (Box<dyn Function>, Signature)>,
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
        Self {
            provider: Shape::of(provider.schema()),
            meta: provider.meta_schema().map(Shape::of),
            resources: provider.resources().into_iter().map(resource).collect(),
            data_sources: provider.data_sources().into_iter().map(data_source).collect(),
            functions: provider.functions().into_iter().map(function).collect(),
        }
    }

    pub(super) fn resource(&self, name: &str) -> Result<&Entry<dyn Resource<C>>, Diagnostics> {
        self.resources.get(name).ok_or_else(|| absent("resource type", name))
    }

    pub(super) fn data_source(&self, name: &str) -> Result<&Entry<dyn DataSource<C>>, Diagnostics> {
        self.data_sources.get(name).ok_or_else(|| absent("data source", name))
    }

    /// Every broken law of every schema and signature.
    pub(super) fn problems(&self) -> Diagnostics {
        let schemas = self
            .resources
            .iter()
            .map(|(name, entry)| (*name, &entry.shape))
            .chain(self.data_sources.iter().map(|(name, entry)| (*name, &entry.shape)))
            .chain([("provider", &self.provider)]);
        let of_schemas = schemas.flat_map(|(name, shape)| {
            shape
                .schema
                .broken_laws()
                .into_iter()
                .map(move |broken| format!("The schema of `{name}` at {broken}"))
        });
        let of_functions = self.functions.iter().flat_map(|(name, (_, signature))| {
            signature
                .broken_laws(name)
                .into_iter()
                .map(move |broken| format!("The function `{name}`: {broken}"))
        });
        of_schemas.chain(of_functions).map(Diagnostic::bug).collect()
    }
}

impl Shape {
    fn of(schema: Schema) -> Self {
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
