//! A slow and obvious evaluator of simulate cases, the yardstick of the real one.
//!
//! It was written from AWS's documented rules alone and shares no line with the
//! evaluator that it measures: everything is read from the JSON again wherever
//! it is needed. The numbers in the comments are those of the rules. Cases must
//! be well-formed; whatever is not is up to the real evaluator's own tests.
//!
//! INVARIANT: the answer depends on the case alone.

use serde_json::{Value, json};

use crate::support::conditions::{Context, arn_like, conditions_hold, expand, like, units, values_of};
use crate::support::tables::{CROSS_ACCOUNT, DEFAULTS, SYMMETRIC, carried};

/// What a case comes to: `allowed`, `implicitly_denied` or `explicitly_denied`.
pub(crate) fn decide(case: &Value) -> &'static str {
    let action = text(&case["action"]).to_lowercase();
    if action == "sts:getcalleridentity" {
        return ALLOWED; // 5
    }
    if action == "kms:reencrypt" {
        // 1: two authorizations, and both must be allowed.
        let halves = ["kms:reencryptfrom", "kms:reencryptto"].map(|half| authorize(case, half));
        return [EXPLICITLY, IMPLICITLY].into_iter().find(|no| halves.contains(no)).unwrap_or(ALLOWED);
    }
    authorize(case, &action)
}

fn authorize(case: &Value, action: &str) -> &'static str {
    let request = Request::read(case, action);
    let service_linked = request.principal_arn().contains(":role/aws-service-role/");
    let no_iam_caller = matches!(request.caller, Caller::Service(_) | Caller::Anonymous);
    // 6: whom the organisation's policies do not reach.
    let scp = if no_iam_caller || service_linked { Vec::new() } else { levels(case, "scp", &[]) };
    let everything =
        [json!({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]})];
    let not_rcp = service_linked || action == "kms:retiregrant";
    let rcp = if not_rcp { Vec::new() } else { levels(case, "rcp", &everything) };
    // 7: the list is there exactly when the call goes through an endpoint that has a policy.
    let endpoint = items(&case["endpoint_policies"]);
    // 11 and 14: no key is asked for these, so no key policy speaks.
    let no_key =
        request.resource == "*" || request.resource.contains(":alias/") || action == "kms:retiregrant";
    let key_policy = if no_key { Vec::new() } else { items(&case["resource_policy"]) };
    // 15, 16: callers without an identity of their own have no policies of it.
    let of_caller = |name: &str| if no_iam_caller { Vec::new() } else { items(&case[name]) };
    let identity = of_caller("identity_policies");
    let boundary = of_caller("permission_boundaries");
    let session = of_caller("session_policy");

    // 8: an explicit deny anywhere.
    let by_principal = [rcp.concat(), endpoint.clone(), key_policy.clone()].concat();
    let without_principal = [scp.concat(), identity.clone(), boundary.clone(), session.clone()].concat();
    if !request.matching("Deny", &by_principal, true).is_empty()
        || !request.matching("Deny", &without_principal, false).is_empty()
    {
        return EXPLICITLY;
    }
    // 9, 10: each level allows; 7: so does the endpoint.
    let allows = |documents: &[Value], principal| !request.matching("Allow", documents, principal).is_empty();
    let fenced =
        !scp.iter().all(|level| allows(level, false)) || !rcp.iter().all(|level| allows(level, true));
    if fenced || !(endpoint.is_empty() || allows(&endpoint, true)) {
        return IMPLICITLY;
    }
    let caller_side = CallerSide {
        // 17: the root user may everything as far as its identity goes.
        identity: matches!(request.caller, Caller::Root) || allows(&identity, false),
        // 13: boundary and session policy intersect.
        within_limits: (boundary.is_empty() || allows(&boundary, false))
            && (session.is_empty() || allows(&session, false)),
    };
    let namings = request.matching("Allow", &key_policy, true);
    let granted = if no_key { Vec::new() } else { request.grants(case) };
    if access(&request, no_key, &namings, &granted, &caller_side) { ALLOWED } else { IMPLICITLY }
}

struct CallerSide {
    identity: bool,
    within_limits: bool,
}

/// Rules 11 to 17.
fn access(
    request: &Request,
    no_key: bool,
    namings: &[Naming],
    granted: &[Naming],
    caller: &CallerSide,
) -> bool {
    let own_permission = caller.identity && caller.within_limits;
    let named = |naming| namings.contains(&naming) || granted.contains(&naming);
    let own_account = request.account() == request.resource_account;
    match &request.caller {
        Caller::Anonymous => false,                                       // 16
        Caller::Service(_) => !namings.is_empty() || !granted.is_empty(), // 15
        Caller::Root | Caller::User | Caller::Role | Caller::Session { .. } | Caller::Federated if no_key => {
            own_account && own_permission // 11, 12, 14
        }
        Caller::Root | Caller::User | Caller::Role | Caller::Session { .. } | Caller::Federated
            if own_account =>
        {
            named(Naming::Exactly) // 11a, 13
                || named(Naming::Loosely) && caller.within_limits // 11a, 13, 14
                || named(Naming::ByAccount) && own_permission // 11b
        }
        Caller::Root | Caller::User | Caller::Role | Caller::Session { .. } | Caller::Federated => {
            let crosses = CROSS_ACCOUNT.iter().any(|action| request.is(action));
            crosses && !(namings.is_empty() && granted.is_empty()) && own_permission // 12
        }
    }
}

/// How a statement or a grant reaches the caller.
#[derive(Clone, Copy, PartialEq)]
enum Naming {
    /// The user, the session, the root user or the service itself: limits of the caller's own do not count (13).
    Exactly,
    /// The role, the federated user or everybody: a boundary or session policy still limits (13).
    Loosely,
    /// The account, which delegates to its identity policies (11b).
    ByAccount,
}

/// Rule 2, as far as it makes a difference.
enum Caller {
    Root,
    User,
    Role,
    Session { role_name: String },
    Federated,
    Service(String),
    Anonymous,
}

struct Request {
    action: String,
    resource: String,
    resource_account: String,
    caller: Caller,
    /// The ARN as the case gives it; empty for callers without one.
    arn: String,
    bounded: bool,
    context: Context,
}

impl Request {
    fn read(case: &Value, action: &str) -> Self {
        let principal = &case["principal"];
        let arn = principal.as_str().unwrap_or_default().to_owned();
        let tail = arn.splitn(6, ':').nth(5).unwrap_or_default();
        let caller = match (tail.split('/').next().unwrap_or_default(), principal["service"].as_str()) {
            (_, Some(service)) => Caller::Service(service.to_owned()),
            ("root", _) => Caller::Root,
            ("user", _) => Caller::User,
            ("role", _) => Caller::Role,
            ("federated-user", _) => Caller::Federated,
            ("assumed-role", _) => {
                Caller::Session { role_name: tail.split('/').nth(1).unwrap_or_default().to_owned() }
            }
            _ => Caller::Anonymous,
        };
        let context = case["context"].as_object().into_iter().flatten();
        let mut request = Self {
            action: action.to_owned(),
            resource: text(&case["resource"]),
            resource_account: text(&case["resource_account"]),
            caller,
            arn,
            bounded: !items(&case["permission_boundaries"]).is_empty(),
            context: context.map(|(key, value)| (key.to_lowercase(), texts(value))).collect(),
        };
        request.derive();
        request.context.retain(|key, _| carried(key, action));
        request
    }

    fn account(&self) -> String {
        self.arn.split(':').nth(4).unwrap_or_default().to_owned()
    }

    fn is_service(&self, name: &str) -> bool {
        matches!(&self.caller, Caller::Service(own) if own == name)
    }

    fn is(&self, action: &str) -> bool {
        self.action == format!("kms:{}", action.to_lowercase())
    }

    /// The role's ARN for a session; its path is known from the context only.
    fn principal_arn(&self) -> String {
        let Caller::Session { role_name } = &self.caller else { return self.arn.clone() };
        match self.context.get("aws:principalarn") {
            Some(known) => known.concat(),
            None => format!("arn:aws:iam::{}:role/{role_name}", self.account()),
        }
    }

    /// 3: what follows from the caller and the resource is not taken from the case.
    fn derive(&mut self) {
        let kind = match &self.caller {
            Caller::Root => "Account",
            Caller::User => "User",
            Caller::Role | Caller::Session { .. } => "AssumedRole",
            Caller::Federated => "FederatedUser",
            Caller::Service(_) | Caller::Anonymous => "",
        };
        let service = matches!(self.caller, Caller::Service(_)).to_string();
        let forwarded = ["kms:viaservice", "aws:calledvia"]
            .iter()
            .any(|key| values_of(&self.context, key).is_some())
            .to_string();
        let mut derived =
            vec![("aws:viaawsservice", forwarded), ("aws:resourceaccount", self.resource_account.clone())];
        if !matches!(self.caller, Caller::Anonymous) {
            derived.push(("aws:principalisawsservice", service));
        }
        if !self.arn.is_empty() {
            derived.push(("aws:principalarn", self.principal_arn()));
            derived.push(("aws:principalaccount", self.account()));
            derived.push(("aws:principaltype", kind.to_owned()));
            derived.push(("kms:calleraccount", self.account()));
        }
        if matches!(self.caller, Caller::User) {
            derived.push(("aws:username", self.arn.rsplit('/').next().unwrap_or_default().to_owned()));
        }
        self.context.extend(derived.into_iter().map(|(key, value)| (key.to_owned(), vec![value])));
        for (_, key, value) in DEFAULTS.iter().filter(|(action, ..)| *action == self.action) {
            self.context.entry((*key).to_owned()).or_insert_with(|| vec![(*value).to_owned()]);
        }
    }

    /// How the matching statements of this effect reach the caller; nothing when none matches.
    fn matching(&self, effect: &str, documents: &[Value], names_principals: bool) -> Vec<Naming> {
        let reached = |one: &Value| if names_principals { self.namings(one) } else { vec![Naming::Exactly] };
        let mut found = Vec::new();
        for document in documents {
            let statements = items(&document["Statement"]).into_iter();
            let variables = document["Version"] == "2012-10-17"; // 41
            for statement in statements.filter(|statement| self.matches(statement, effect, variables)) {
                found.extend(reached(&statement));
            }
        }
        found
    }

    fn matches(&self, statement: &Value, effect: &str, variables: bool) -> bool {
        text(&statement["Effect"]) == effect
            && self.action_matches(statement)
            && self.resource_matches(statement, variables)
            && conditions_hold(&self.context, &statement["Condition"], variables)
    }

    /// Rules 18 to 23; a statement without either element reaches nobody (23).
    fn namings(&self, statement: &Value) -> Vec<Naming> {
        let excepted: Vec<Naming> = self.named(&statement["NotPrincipal"]);
        match (statement.get("NotPrincipal"), text(&statement["Effect"]).as_str()) {
            (None, _) => self.named(&statement["Principal"]),
            (Some(_), "Allow") if excepted.is_empty() => vec![Naming::Loosely],
            (Some(_), "Deny") if self.bounded || !self.spared(&statement["NotPrincipal"]) => {
                vec![Naming::Loosely]
            }
            _ => Vec::new(),
        }
    }

    /// 22: a Deny spares a session only where account root, role and session are all listed.
    fn spared(&self, listed: &Value) -> bool {
        let named = self.named(listed);
        match self.caller {
            Caller::Session { .. } => [Naming::Exactly, Naming::Loosely, Naming::ByAccount]
                .iter()
                .all(|naming| named.contains(naming)),
            Caller::User => named.contains(&Naming::Exactly) && named.contains(&Naming::ByAccount),
            Caller::Root | Caller::Role | Caller::Federated | Caller::Service(_) | Caller::Anonymous => {
                named.contains(&Naming::Exactly)
            }
        }
    }

    fn named(&self, principals: &Value) -> Vec<Naming> {
        if principals == "*" {
            return vec![Naming::Loosely]; // 18
        }
        // 21: each kind of principal is compared with callers of its kind only.
        let aws = texts(&principals["AWS"]).into_iter().filter_map(|principal| self.named_by_arn(&principal));
        let services = texts(&principals["Service"]).into_iter().filter(|name| self.is_service(name));
        let services = services.map(|_| Naming::Exactly);
        aws.chain(services).collect()
    }

    fn named_by_arn(&self, principal: &str) -> Option<Naming> {
        if principal == "*" {
            return Some(Naming::Loosely); // 18
        }
        let account = self.account();
        let whole_account = principal == account || principal == format!("arn:aws:iam::{account}:root"); // 18
        match &self.caller {
            Caller::Service(_) | Caller::Anonymous => None, // 21
            Caller::Root => whole_account.then_some(Naming::Exactly),
            _ if whole_account => Some(Naming::ByAccount),
            Caller::User => (principal == self.arn).then_some(Naming::Exactly),
            Caller::Role | Caller::Federated => (principal == self.arn).then_some(Naming::Loosely),
            Caller::Session { role_name } => {
                // 19: by account and name, whatever the path.
                let role_of_it = principal.starts_with(&format!("arn:aws:iam::{account}:role/"))
                    && principal.rsplit('/').next() == Some(role_name);
                let loosely = role_of_it.then_some(Naming::Loosely);
                if principal == self.arn { Some(Naming::Exactly) } else { loosely }
            }
        }
    }

    /// 24, 25.
    fn action_matches(&self, statement: &Value) -> bool {
        let any = |listed: &Value| texts(listed).iter().any(|one| like(&one.to_lowercase(), &self.action));
        match (statement.get("Action"), statement.get("NotAction")) {
            (Some(listed), _) => any(listed),
            (_, Some(listed)) => !any(listed),
            (None, None) => false,
        }
    }

    /// 26 to 29; without an element the statement is inert (28).
    fn resource_matches(&self, statement: &Value, variables: bool) -> bool {
        let one = |pattern: &String| {
            if pattern == "*" || self.resource == "*" {
                return pattern == "*"; // 28, 29
            }
            expand(&self.context, pattern, variables)
                .is_some_and(|pattern| arn_like(&pattern, &units(&self.resource)))
        };
        match (statement.get("Resource"), statement.get("NotResource")) {
            (Some(listed), _) => texts(listed).iter().any(one),
            (_, Some(listed)) => !texts(listed).iter().any(one),
            (None, None) => false,
        }
    }

    /// 14: how the grants that cover the request reach the caller.
    fn grants(&self, case: &Value) -> Vec<Naming> {
        let grants = items(&case["grants"]).into_iter().filter(|grant| self.covered_by(grant));
        let naming = |grant: Value| {
            let by_arn = self.named_by_arn(&text(&grant["GranteePrincipal"]));
            by_arn.or_else(|| {
                self.is_service(&text(&grant["GranteeServicePrincipal"])).then_some(Naming::Exactly)
            })
        };
        grants.filter_map(naming).collect()
    }

    fn covered_by(&self, grant: &Value) -> bool {
        let operations = texts(&grant["Operations"]);
        let made = self.context.get("kms:grantoperations").cloned().unwrap_or_default();
        let encrypts = SYMMETRIC.iter().any(|action| self.is(action));
        let context = |pairs: &Value| {
            pairs.as_object().into_iter().flatten().all(|(key, value)| {
                let key = format!("kms:encryptioncontext:{}", key.to_lowercase());
                self.context.get(&key) == Some(&texts(value))
            })
        };
        let names = self.context.keys().filter(|key| key.starts_with("kms:encryptioncontext:")).count();
        let constraints = &grant["Constraints"];
        let (equals, subset) =
            (&constraints["EncryptionContextEquals"], &constraints["EncryptionContextSubset"]);
        let source = constraints["SourceArn"].as_str().map(|source| vec![source.to_owned()]);
        let exactly = equals.as_object().is_none_or(|pairs| pairs.len() == names);
        grant["KeyId"].as_str().is_none_or(|key| key == self.resource)
            && operations.iter().any(|operation| self.is(operation))
            && (!self.is("CreateGrant") || made.iter().all(|operation| operations.contains(operation)))
            && (!encrypts || (context(equals) && exactly && context(subset)))
            && source.is_none_or(|source| self.context.get("aws:sourcearn") == Some(&source))
    }
}

fn levels(case: &Value, name: &str, implied: &[Value]) -> Vec<Vec<Value>> {
    let levels = items(&case[name]).into_iter();
    levels.map(|level| [implied.to_vec(), items(&level["policies"])].concat()).collect()
}

/// A list's items; one thing stands for a list of itself.
fn items(value: &Value) -> Vec<Value> {
    if value.is_null() {
        return Vec::new();
    }
    value.as_array().cloned().unwrap_or_else(|| vec![value.clone()])
}

pub(crate) fn texts(value: &Value) -> Vec<String> {
    items(value).iter().map(text).collect()
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

const ALLOWED: &str = "allowed";
const IMPLICITLY: &str = "implicitly_denied";
const EXPLICITLY: &str = "explicitly_denied";
