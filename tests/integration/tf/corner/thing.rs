//! A resource with every kind of attribute, whose `fault` says how it misbehaves.

use std::time::Duration;

use async_trait::async_trait;
use keyrail::tf::calls::{
    ApplyResponse, Context, CreateRequest, DeleteRequest, ImportResponse, MoveRequest, MoveResponse,
    PlanRequest, PlanResponse, ReadRequest, ReadResponse, UpdateRequest, UpgradeRequest, UpgradeResponse,
};
use keyrail::tf::capabilities::{Import, MoveState, Upgrade};
use keyrail::tf::plan::plan_change;
use keyrail::tf::schema::{Nested, NestedBlock};
use keyrail::tf::{Attribute, Block, Diagnostic, Diagnostics, Path, Resource, Schema, Type, Value};

use crate::Configured;

pub(crate) struct Thing;

#[async_trait]
impl Resource<Configured> for Thing {
    fn type_name(&self) -> &'static str {
        "corner_thing"
    }

    fn schema(&self) -> Schema {
        let grant = [
            ("name", Attribute::required(Type::String)),
            ("level", Attribute::optional(Type::Number).default(1)),
            ("token", Attribute::computed(Type::String)),
        ];
        let timeouts = Block::new("How long to wait.").attribute("create", Attribute::optional(Type::String));
        let rule = Block::new("A rule.").attribute("action", Attribute::required(Type::String));
        let block = Block::new("A thing.")
            .attribute("name", Attribute::required(Type::String).requires_replace().describe("The *name*."))
            .attribute("size", Attribute::optional(Type::Number).default(3))
            .attribute("enabled", Attribute::optional(Type::Bool).default(true))
            .attribute("labels", Attribute::optional(Type::set(Type::String)))
            .attribute("tags", Attribute::optional(Type::map(Type::String)))
            .attribute("anything", Attribute::optional(Type::Dynamic))
            .attribute("pair", Attribute::optional(Type::Tuple(vec![Type::String, Type::Number])))
            .attribute("grants", Attribute::optional(Nested::list(grant)))
            .attribute("secret", Attribute::optional(Type::String).sensitive().write_only())
            .attribute("fault", Attribute::optional(Type::String))
            .attribute("id", Attribute::computed(Type::String).keep_prior())
            .attribute("revision", Attribute::computed(Type::Number))
            .nested("timeouts", NestedBlock::single(timeouts))
            .nested("rule", NestedBlock::list(rule));
        Schema::new(block).version(1)
    }

    async fn validate(&self, config: &Value) -> Diagnostics {
        match config.attr("size").and_then(Value::as_i64) {
            Ok(size) if size.known().is_some_and(|size| size < 0) => {
                Diagnostic::error("Negative size", "`size` is below 0. Set it to 0 or more.")
                    .at(Path::attribute("size"))
                    .into()
            }
            Ok(_) => Diagnostics::new(),
            Err(error) => error.into(),
        }
    }

    async fn read(&self, _context: &Context<Configured>, request: ReadRequest) -> ReadResponse {
        match fault(&request.state) {
            Some("gone") => ReadResponse::default(),
            Some("deaf") => std::future::pending().await,
            Some("panic on read") => panic!("the thing fell over"),
            _ => ReadResponse { state: Some(request.state), ..ReadResponse::default() },
        }
    }

    async fn plan(&self, _context: &Context<Configured>, request: PlanRequest) -> PlanResponse {
        if fault(&request.prior) == Some("protected") && request.is_destroy() {
            return Diagnostics::from(Diagnostic::error("Thing protected", "Its `fault` is `protected`."))
                .into();
        }
        let mut response = plan_change(&self.schema(), &request);
        response.private = Some(b"planned".to_vec());
        response
    }

    async fn create(&self, context: &Context<Configured>, request: CreateRequest) -> ApplyResponse {
        let revision =
            Value::from(if request.config.attr("secret").is_ok_and(Value::is_null) { 1 } else { 100 });
        let mut state = request.planned;
        let settled = settle(&mut state, &context.provider.prefix, revision);
        let mut response = ApplyResponse { private: Some(b"applied".to_vec()), ..ApplyResponse::default() };
        response.diagnostics.absorb(settled);
        match fault(&state).unwrap_or_default() {
            "panic" => panic!("the thing fell over"),
            "unknown" => drop(state.set_attr("revision", Value::UNKNOWN)),
            "wrong" => drop(state.set_attr("revision", "no number")),
            "extra" => drop(state.set_attr("surprise", 1)),
            "stored secret" => drop(state.set_attr("secret", "hunter2")),
            "nothing" => return response,
            "partial" => {
                drop(state.set_attr("revision", Value::UNKNOWN));
                response
                    .diagnostics
                    .push(Diagnostic::error("Half done", "The thing exists, its revision does not."));
            }
            wait @ ("slow" | "slow to stop") => {
                context.log.info("working", &[]);
                context.cancelled.cancelled().await;
                if wait == "slow to stop" {
                    tokio::time::sleep(Duration::from_secs(2)).await;
                }
                response.diagnostics.push(Diagnostic::error("Stopped", "The work was interrupted."));
            }
            _ => {}
        }
        response.state = Some(state);
        response
    }

    async fn update(&self, context: &Context<Configured>, request: UpdateRequest) -> ApplyResponse {
        let mut response = ApplyResponse::default();
        let mut state = request.planned;
        let prior = request.prior.attr("revision").and_then(Value::as_i64);
        let revision = prior.ok().and_then(keyrail::tf::Field::known).unwrap_or_default().saturating_add(1);
        response.diagnostics.absorb(settle(&mut state, &context.provider.prefix, revision.into()));
        response.state = Some(state);
        response
    }

    async fn delete(&self, _context: &Context<Configured>, request: DeleteRequest) -> ApplyResponse {
        match fault(&request.prior) {
            Some("undeletable") => {
                let diagnostics = Diagnostic::error("Still in use", "The thing is in use.").into();
                ApplyResponse { state: Some(request.prior), diagnostics, ..ApplyResponse::default() }
            }
            _ => ApplyResponse::default(),
        }
    }

    fn import(&self) -> Option<&dyn Import<Configured>> {
        Some(self)
    }

    fn upgrade(&self) -> Option<&dyn Upgrade> {
        Some(self)
    }

    fn move_state(&self) -> Option<&dyn MoveState> {
        Some(self)
    }
}

#[async_trait]
impl Import<Configured> for Thing {
    async fn import(&self, _context: &Context<Configured>, id: &str) -> ImportResponse {
        match id {
            "missing" => Diagnostics::from(Diagnostic::error("Not found", "There is no `missing`.")).into(),
            "nothing" => ImportResponse::default(),
            _ => {
                let mut state = blank(self);
                drop(state.set_attr("id", id));
                drop(state.set_attr("name", id));
                drop(state.set_attr("size", 3));
                drop(state.set_attr("enabled", true));
                drop(state.set_attr("revision", 1));
                ImportResponse {
                    state: Some(state),
                    private: b"imported".to_vec(),
                    ..ImportResponse::default()
                }
            }
        }
    }
}

#[async_trait]
impl Upgrade for Thing {
    async fn upgrade(&self, request: UpgradeRequest) -> UpgradeResponse {
        let old = Type::object([("id", Type::String), ("title", Type::String)]);
        match request.state.decode(&old) {
            Ok(old) => {
                let mut state = blank(self);
                drop(old.attr("id").map(|id| state.set_attr("id", id.clone())));
                drop(old.attr("title").map(|title| state.set_attr("name", title.clone())));
                UpgradeResponse { state, ..UpgradeResponse::default() }
            }
            Err(error) => Diagnostics::from(error).into(),
        }
    }
}

#[async_trait]
impl MoveState for Thing {
    async fn move_state(&self, request: MoveRequest) -> MoveResponse {
        if request.source_type != "terraform_data" {
            let detail = format!("A `{}` is no thing.", request.source_type);
            return Diagnostics::from(Diagnostic::error("Cannot move", detail)).into();
        }
        match request.source_state.decode(&Type::object([("id", Type::String)])) {
            Ok(source) => {
                let mut state = blank(self);
                drop(source.attr("id").map(|id| state.set_attr("id", id.clone())));
                drop(source.attr("id").map(|id| state.set_attr("name", id.clone())));
                MoveResponse { state: Some(state), private: b"moved".to_vec(), ..MoveResponse::default() }
            }
            Err(error) => Diagnostics::from(error).into(),
        }
    }
}

/// An object with all attributes null.
fn blank(thing: &Thing) -> Value {
    let block = thing.schema();
    let names = block.block().attributes().keys().chain(block.block().blocks().keys());
    Value::object(names.map(|name| (name.as_str(), Value::Null)))
}

/// Puts known values where the plan has unknown ones.
fn settle(state: &mut Value, prefix: &str, revision: Value) -> Result<(), Diagnostics> {
    if state.attr("id")?.is_unknown() {
        let name = state.attr("name")?.as_str()?.known().unwrap_or_default().to_owned();
        state.set_attr("id", format!("{prefix}/{name}"))?;
    }
    state.set_attr("revision", revision)?;
    let count = state.attr("grants")?.elements()?.known().map_or(0, <[Value]>::len);
    for index in 0..count {
        let path = Path::attribute("grants").index(index).attr("token");
        if state.at(&path).is_some_and(Value::is_unknown) {
            state.replace(&path, Value::from("token"));
        }
    }
    Ok(())
}

fn fault(state: &Value) -> Option<&str> {
    state.attr("fault").ok()?.as_str().ok()?.known()
}
