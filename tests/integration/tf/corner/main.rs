//! A provider of corner cases: every kind of attribute, and on demand every
//! way in which a provider can misbehave. The protocol tests drive it; it also
//! serves to try things by hand under the real Terraform.
#![expect(clippy::panic, clippy::panic_in_result_fn, reason = "panics are among the corner cases")]

mod functions;
mod plain;
mod thing;

use std::process::ExitCode;

use async_trait::async_trait;
use keyrail::tf::calls::{ConfigureRequest, Context, ReadDataRequest, ReadDataResponse};
use keyrail::tf::function::Function;
use keyrail::tf::{
    Attribute, Block, DataSource, Diagnostic, Diagnostics, Provider, Resource, Schema, ServeOptions, Type,
    Value, serve,
};

fn main() -> ExitCode {
    let debug = std::env::args().any(|argument| argument == "--debug");
    serve(Corner, ServeOptions { address: "registry.terraform.io/keyrail/corner", version: "0.0.0", debug })
}

struct Corner;

/// What configuring makes.
#[derive(Debug)]
pub(crate) struct Configured {
    prefix: String,
}

#[async_trait]
impl Provider for Corner {
    type Configured = Configured;

    fn schema(&self) -> Schema {
        let prefix = Attribute::optional(Type::String).describe("Starts every id.");
        Schema::new(Block::new("Corner cases.").attribute("prefix", prefix))
    }

    fn meta_schema(&self) -> Option<Schema> {
        Some(Schema::new(Block::new("").attribute("module", Attribute::optional(Type::String))))
    }

    fn resources(&self) -> Vec<Box<dyn Resource<Configured>>> {
        vec![Box::new(thing::Thing), Box::new(plain::Plain)]
    }

    fn data_sources(&self) -> Vec<Box<dyn DataSource<Configured>>> {
        vec![Box::new(Echo)]
    }

    fn functions(&self) -> Vec<Box<dyn Function>> {
        functions::all()
    }

    async fn validate(&self, config: &Value) -> Diagnostics {
        match config.attr("prefix").and_then(Value::as_str) {
            Ok(prefix) if prefix.known() == Some("") => {
                let detail = "`prefix` is empty. Leave it out or give it a letter.";
                Diagnostic::error("Empty prefix", detail).at(keyrail::tf::Path::attribute("prefix")).into()
            }
            Ok(_) => Diagnostics::new(),
            Err(error) => error.into(),
        }
    }

    async fn configure(&self, request: ConfigureRequest<'_>) -> Result<Configured, Diagnostics> {
        let prefix = request.config.attr("prefix")?.as_str()?;
        if prefix.is_unknown() {
            request.warnings.push(Diagnostic::warning("Prefix not known yet", "Ids are planned without it."));
        }
        match prefix.known().unwrap_or("corner") {
            "refused" => Err(Diagnostic::error("Prefix refused", "`refused` is refused.").into()),
            prefix => Ok(Configured { prefix: prefix.to_owned() }),
        }
    }
}

/// Gives back what it gets.
struct Echo;

#[async_trait]
impl DataSource<Configured> for Echo {
    fn type_name(&self) -> &'static str {
        "corner_echo"
    }

    fn schema(&self) -> Schema {
        let block = Block::new("Gives back what it gets.")
            .attribute("input", Attribute::optional(Type::Dynamic))
            .attribute("output", Attribute::computed(Type::Dynamic))
            .attribute("meta", Attribute::computed(Type::String));
        Schema::new(block)
    }

    async fn read(&self, context: &Context<Configured>, request: ReadDataRequest) -> ReadDataResponse {
        let read = || {
            let mut state = request.config.clone();
            let input = request.config.attr("input")?.clone();
            if input == Value::from("missing")
                || matches!(&input, Value::Dynamic(_, inner) if **inner == Value::from("missing"))
            {
                return Err(Diagnostic::error("Nothing found", "There is no `missing`.").into());
            }
            let meta = match &context.provider_meta {
                Some(meta) => meta.attr("module")?.clone(),
                None => Value::Null,
            };
            state.set_attr("output", input)?;
            state.set_attr("meta", meta)?;
            Ok::<_, Diagnostics>(state)
        };
        match read() {
            Ok(state) => ReadDataResponse { state, ..ReadDataResponse::default() },
            Err(diagnostics) => diagnostics.into(),
        }
    }
}
