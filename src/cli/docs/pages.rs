//! One page for the provider and for each thing it offers.

use std::collections::BTreeMap;

use super::schema;
use crate::controls::CONTROLS;
use crate::tf::Provider;
use crate::tf::Schema;
use crate::tf::function::Function;

/// The text of an example, by its path below `examples`.
pub(super) type Examples<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// The pages of a provider, by their paths below `docs`.
pub(super) fn pages(provider: &impl Provider, examples: &Examples<'_>) -> BTreeMap<String, String> {
    let mut pages = BTreeMap::from([("index.md".to_owned(), index(&provider.schema(), examples))]);
    for resource in provider.resources() {
        let subject = Subject { name: resource.type_name(), kind: "Resource", folder: "resources" };
        pages.insert(subject.path(), subject.page(&resource.schema(), "resource.tf", examples));
    }
    for source in provider.data_sources() {
        let subject = Subject { name: source.type_name(), kind: "Data Source", folder: "data-sources" };
        pages.insert(subject.path(), subject.page(&source.schema(), "data-source.tf", examples));
    }
    for function in provider.functions() {
        let name = function.name();
        pages.insert(format!("functions/{name}.md"), function_page(function.as_ref(), examples));
    }
    pages
}

fn index(provider: &Schema, examples: &Examples<'_>) -> String {
    let description = provider.block().description();
    let mut page = front_matter("Provider: kms", description);
    page.push_str(&format!("# kms Provider\n\n{description}\n\n"));
    page.push_str(&example(examples("provider/provider.tf"), "terraform", "Example Usage"));
    page.push_str("## Controls\n\nWhat every key is held to. Each has a page of its own:\n\n");
    for control in CONTROLS {
        page.push_str(&format!("- [`{0}`](controls/{0}.md): {1}\n", control.id(), control.doc().title));
    }
    page.push_str(REFERENCE);
    page.push_str(&schema::section(provider.block()));
    page
}

const REFERENCE: &str = "
## Reference

- [`keyrail simulate`](reference/simulate.md): every member of a case and of an answer
- [Rules of the linter](lint/README.md)
- [KMS actions](reference/kms-actions.md) and [condition keys](reference/condition-keys.md)

";

/// A resource or a data source.
struct Subject {
    name: &'static str,
    kind: &'static str,
    folder: &'static str,
}

impl Subject {
    /// The file is named after the type without the provider's name in front.
    fn path(&self) -> String {
        format!("{}/{}.md", self.folder, self.name.strip_prefix("kms_").unwrap_or(self.name))
    }

    fn page(&self, schema: &Schema, file: &str, examples: &Examples<'_>) -> String {
        let Self { name, kind, folder } = self;
        let description = schema.block().description();
        let mut page = front_matter(&format!("{name} {kind} - kms"), description);
        page.push_str(&format!("# {name} ({kind})\n\n{description}\n\n"));
        page.push_str(&example(examples(&format!("{folder}/{name}/{file}")), "terraform", "Example Usage"));
        page.push_str(&schema::section(schema.block()));
        if let Some(import) = examples(&format!("{folder}/{name}/import.sh")) {
            page.push_str(&format!("\n{}", example(Some(import), "shell", "Import").trim_end()));
            page.push('\n');
        }
        page
    }
}

fn function_page(function: &dyn Function, examples: &Examples<'_>) -> String {
    let (name, signature) = (function.name(), function.signature());
    let mut page = front_matter(&format!("{name} function - kms"), signature.summary());
    page.push_str(&format!("# function: {name}\n\n{}\n\n", signature.description()));
    page.push_str(&example(examples(&format!("functions/{name}/function.tf")), "terraform", "Example Usage"));
    let parameters = signature.parameters().iter().chain(signature.variadic_parameter());
    let shown: Vec<String> = parameters
        .clone()
        .map(|parameter| format!("{} {}", parameter.name(), schema::type_name(parameter.ty()).to_lowercase()))
        .collect();
    let returns = schema::type_name(signature.returns()).to_lowercase();
    page.push_str(&format!(
        "## Signature\n\n```text\n{name}({}) {returns}\n```\n\n## Arguments\n\n",
        shown.join(", ")
    ));
    for (position, parameter) in parameters.enumerate() {
        let number = position.saturating_add(1);
        let kind = schema::type_name(parameter.ty());
        page.push_str(&format!("{number}. `{}` ({kind}) {}\n", parameter.name(), parameter.description()));
    }
    page
}

/// The head of every page, as the registry reads it: of a description its first paragraph.
pub(super) fn front_matter(title: &str, description: &str) -> String {
    let description = description.split("\n\n").next().unwrap_or_default().replace('\n', "\n  ");
    format!("---\npage_title: \"{title}\"\nsubcategory: \"\"\ndescription: |-\n  {description}\n---\n\n")
}

fn example(text: Option<String>, language: &str, heading: &str) -> String {
    text.map_or_else(String::new, |text| {
        format!("## {heading}\n\n```{language}\n{}\n```\n\n", text.trim_end())
    })
}
