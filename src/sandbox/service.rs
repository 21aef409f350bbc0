//! One call from the bytes of its request to the bytes of its answer: who is
//! asking, what goes wrong by the script, the operation itself, the log.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use bytes::Bytes;
use hyper::http::request::Parts;
use serde_json::Value;

use crate::model::region::Region;
use crate::sandbox::clock::Clock;
use crate::sandbox::faults::Fault;
use crate::sandbox::kms;
use crate::sandbox::organizations;
use crate::sandbox::sigv4::Claim;
use crate::sandbox::sigv4::Distrust;
use crate::sandbox::sigv4::claim;
use crate::sandbox::stale;
use crate::sandbox::state::Call;
use crate::sandbox::state::LogEntry;
use crate::sandbox::state::World;
use crate::sandbox::sts;
use crate::sandbox::wire::Input;
use crate::sandbox::wire::Reply;
use crate::sandbox::wire::ServiceError;
use crate::sandbox::wire::json;
use crate::sandbox::wire::query;
use crate::sandbox::wire::query::Form;

/// What is sent back, if anything is.
#[derive(Debug)]
pub(crate) enum Answer {
    /// An answer.
    Sent(Sent),
    /// An answer, after so many milliseconds.
    Late(Sent, u64),
    /// None: the connection is closed.
    Closed,
    /// None: the connection is left open.
    Held,
}

/// The parts of an answer.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) request_id: String,
    pub(crate) body: Vec<u8>,
}

/// The services that are played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Service {
    Kms,
    Organizations,
    Sts,
}

impl Service {
    fn name(self) -> &'static str {
        match self {
            Self::Kms => "kms",
            Self::Organizations => "organizations",
            Self::Sts => "sts",
        }
    }
}

/// Which operation of which service is asked for.
#[derive(Debug)]
struct Asked {
    service: Service,
    operation: String,
    form: Form,
}

impl Asked {
    fn needs_no_signature(&self) -> bool {
        self.service == Service::Sts && sts::UNSIGNED.contains(&self.operation.as_str())
    }
}

/// Answers one request.
pub(crate) fn answer(world: &Mutex<World>, parts: &Parts, body: &Bytes, source_ip: String) -> Answer {
    let asked = match asked(parts, body) {
        Ok(asked) => asked,
        Err(error) => {
            let request_id = lock(world).ids.uuid();
            return Answer::Sent(encode(Service::Kms, "", &Err(error), request_id));
        }
    };
    let call = believed(world, parts, body, &asked, source_ip);
    let mut world = lock(world);
    let request_id = world.ids.uuid();
    let (reply, fault) = match &call {
        Ok(call) => play(&mut world, &asked, |world, fault| signed(world, call, &asked, body, fault)),
        Err(Distrust::Missing) if asked.needs_no_signature() => {
            play(&mut world, &asked, |world, _| sts::perform_unsigned(world, &asked.operation, &asked.form))
        }
        Err(distrust) => (Some(Err(distrusted(asked.service, distrust))), None),
    };
    world.log.push(LogEntry {
        number: 0,
        service: asked.service.name().to_owned(),
        operation: asked.operation.clone(),
        caller: call.as_ref().map_or_else(|_| String::new(), |call| call.identity.arn.clone()),
        region: call.as_ref().map_or_else(|_| String::new(), |call| call.region.to_string()),
        outcome: match &reply {
            Some(Ok(_)) => "ok".to_owned(),
            Some(Err(error)) => error.code.to_owned(),
            None => "not carried out".to_owned(),
        },
        fault: fault.as_ref().map(|fault| fault.name().to_owned()),
        request_id: request_id.clone(),
    });
    drop(world);
    delivered(&asked, reply, fault, request_id)
}

/// The world, whatever happened to whoever held it before.
pub(crate) fn lock(world: &Mutex<World>) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

fn delivered(asked: &Asked, reply: Option<Reply>, fault: Option<Fault>, request_id: String) -> Answer {
    let sent = |reply: Reply| encode(asked.service, &asked.operation, &reply, request_id);
    match (fault, reply) {
        (Some(Fault::Reset | Fault::LostResponse), _) => Answer::Closed,
        (Some(Fault::Timeout | Fault::HeldResponse), _) | (_, None) => Answer::Held,
        (Some(Fault::Slow(milliseconds)), Some(reply)) => Answer::Late(sent(reply), milliseconds),
        (_, Some(reply)) => Answer::Sent(sent(reply)),
    }
}

/// Carries a call out, unless the script says otherwise: what it answers, and
/// the fault that was played.
fn play(
    world: &mut World,
    asked: &Asked,
    carry_out: impl FnOnce(&mut World, Option<&Fault>) -> Reply,
) -> (Option<Reply>, Option<Fault>) {
    let service = asked.service.name();
    let fault = world.faults.next(service, &asked.operation);
    if let Some(error) = fault.as_ref().and_then(|fault| fault.refusal(service)) {
        return (Some(Err(error)), fault);
    }
    if matches!(fault, Some(Fault::Timeout | Fault::Reset)) {
        return (None, fault);
    }
    (Some(carry_out(world, fault.as_ref())), fault)
}

/// Carries out a call of somebody, with the faults that show only in later calls.
fn signed(world: &mut World, call: &Call, asked: &Asked, body: &[u8], fault: Option<&Fault>) -> Reply {
    if asked.service == Service::Sts {
        return sts::perform(world, call, &asked.operation, &asked.form);
    }
    let members = json::decode(body)?;
    let run = |world: &mut World, operation: &str, input: Input<'_>| match asked.service {
        Service::Organizations => organizations::perform(world, call, operation, input),
        Service::Kms | Service::Sts => kms::perform(world, call, operation, input),
    };
    if let Some(Fault::StaleReads(reads)) = fault {
        stale::keep(world, call, &asked.operation, &members, *reads, run);
    }
    // Before anything old is shown, so that only those see it who may read.
    let output = run(world, &asked.operation, Input::new(&members))?;
    if let Some(Fault::NotFoundReads(reads)) = fault {
        hide(world, call, &output, &members, *reads);
    }
    Ok(stale::kept(world, call, &asked.operation, &members).unwrap_or(output))
}

/// Hides what a call made: a key, a policy of the organisation, an alias.
fn hide(world: &mut World, call: &Call, output: &Value, input: &serde_json::Map<String, Value>, reads: u32) {
    let made = output.pointer("/KeyMetadata/Arn").or_else(|| output.pointer("/Policy/PolicySummary/Id"));
    if let Some(thing) = made.and_then(Value::as_str) {
        world.faults.hide(thing.to_owned(), reads);
    } else if let Some(name) = input.get("AliasName").and_then(Value::as_str) {
        let arn = format!("arn:{}:kms:{}:{}:{name}", call.region.partition(), call.region, call.account());
        world.faults.hide(arn, reads);
    }
}

fn asked(parts: &Parts, body: &[u8]) -> Result<Asked, ServiceError> {
    let header =
        |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let target = header("x-amz-target");
    let form = || Form::decode(b"");
    if let Some((service, operation)) = target.split_once('.') {
        let service = match service {
            "TrentService" => Service::Kms,
            "AWSOrganizationsV20161128" => Service::Organizations,
            _ => return Err(ServiceError::unknown_operation(target)),
        };
        return Ok(Asked { service, operation: operation.to_owned(), form: form() });
    }
    if header("content-type").starts_with(query::FORM) {
        let form = Form::decode(body);
        let operation = form.text("Action").unwrap_or_default().to_owned();
        return Ok(Asked { service: Service::Sts, operation, form });
    }
    let named = if target.is_empty() { parts.uri.path() } else { target };
    Err(ServiceError::unknown_operation(named))
}

/// Who makes the call, if the signature proves it.
fn believed(
    world: &Mutex<World>,
    parts: &Parts,
    body: &[u8],
    asked: &Asked,
    source_ip: String,
) -> Result<Call, Distrust> {
    let claim: Claim = claim(parts)?;
    let (credential, now) = {
        let world = lock(world);
        let now = world.clock.now();
        (world.principals.credential(&claim, now)?, now)
    };
    claim.verify(parts, body, &credential.secret, Clock::real())?;
    let region: Region = claim.region.parse().map_err(|_| Distrust::WrongSignature)?;
    if claim.service != asked.service.name() {
        return Err(Distrust::Incomplete("Credential should be scoped to correct service."));
    }
    Ok(Call { identity: Arc::clone(&credential.identity), region, now, source_ip })
}

/// JSON services and the query protocol have other names for the same distrust.
fn distrusted(service: Service, distrust: &Distrust) -> ServiceError {
    let json = service != Service::Sts;
    let pick = |json_code, query_code| if json { json_code } else { query_code };
    let (code, message) = match distrust {
        Distrust::Missing => (
            pick("MissingAuthenticationTokenException", "MissingAuthenticationToken"),
            "Request is missing Authentication Token",
        ),
        Distrust::Incomplete(what) => (pick("IncompleteSignatureException", "IncompleteSignature"), *what),
        Distrust::UnknownKey => (
            pick("UnrecognizedClientException", "InvalidClientTokenId"),
            "The security token included in the request is invalid.",
        ),
        Distrust::Expired => (
            pick("ExpiredTokenException", "ExpiredToken"),
            "The security token included in the request is expired",
        ),
        Distrust::WrongSignature => (
            pick("InvalidSignatureException", "SignatureDoesNotMatch"),
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
             Access Key and signing method. Consult the service documentation for details.",
        ),
        Distrust::Skewed => (
            pick("InvalidSignatureException", "SignatureDoesNotMatch"),
            "Signature expired: the request was signed more than five minutes from now.",
        ),
    };
    let error = ServiceError::new(code, message);
    if json { error } else { error.with_status(403) }
}

fn encode(service: Service, operation: &str, reply: &Reply, request_id: String) -> Sent {
    let status = reply.as_ref().map_or_else(|error| error.status, |_| 200);
    let (content_type, body) = match (service, reply) {
        (Service::Sts, Ok(output)) => (query::CONTENT_TYPE, query::encode(operation, output, &request_id)),
        (Service::Sts, Err(error)) => (query::CONTENT_TYPE, query::encode_error(error, &request_id)),
        (Service::Kms | Service::Organizations, Ok(output)) => (json::CONTENT_TYPE, json::encode(output)),
        (Service::Kms | Service::Organizations, Err(error)) => {
            (json::CONTENT_TYPE, json::encode_error(error))
        }
    };
    Sent { status, content_type, request_id, body }
}
