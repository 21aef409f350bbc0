//! The reference page of the sandbox: its two files and its own endpoints.

use std::collections::BTreeMap;

use super::pages::front_matter;
use crate::model::quoted;
use crate::sandbox::reference;

/// The page, by its path below `docs`.
pub(super) fn pages() -> BTreeMap<String, String> {
    BTreeMap::from([("reference/sandbox.md".to_owned(), page())])
}

fn page() -> String {
    let summary = "The files that `keyrail sandbox` reads, and the endpoints that it answers beside AWS's.";
    let mut page = front_matter("Sandbox - kms", summary);
    page.push_str(&format!("# Sandbox\n\n{summary}\n\n{STARTING}\n{FAULTS}\n"));
    page.push_str("| Fault | What happens |\n|---|---|\n");
    for (name, number, meaning) in reference::FAULTS {
        let written =
            number.map_or_else(|| format!("\"{name}\""), |number| format!("{{\"{name}\": {number}}}"));
        page.push_str(&format!("| `{written}` | {meaning} |\n"));
    }
    page.push_str(&format!("\n{OPERATIONS}\n"));
    for (service, operations) in reference::operations() {
        page.push_str(&format!("- `{service}`: {}\n", quoted(operations)));
    }
    page.push_str(&format!("\n{ORGANIZATION}\n{ENDPOINTS}"));
    page
}

const STARTING: &str = "\
With a command the sandbox takes a free port, sets the AWS variables for the command, ends with it and hands its exit \
code on. Alone it listens on `127.0.0.1:4577` until it is interrupted. Everything is in memory: what was made is gone \
when it ends.
";

const FAULTS: &str = r#"## `--faults`: what goes wrong

A list of rules. Same script, same calls, same faults.

```sh
cat > faults.json <<'JSON'
[
  {"operation": "ListKeys", "fault": "throttle", "times": 2},
  {"operation": "GetCallerIdentity", "service": "sts", "call": 1, "fault": {"slow": 50}}
]
JSON
keyrail sandbox --faults faults.json -- keyrail audit
```

| Member | Required | What it says |
|---|---|---|
| `operation` | yes | The operation, such as `CreateKey`; `*` is each of them, counted one by one. |
| `fault` | yes | What goes wrong: one of the faults below. |
| `service` | no | `kms`, `organizations` or `sts`, where more than one has an operation of that name and one is meant. |
| `call` | no | The first call that is hit, counted from 1 since the script was loaded. Default 1. |
| `times` | no | How many calls in a row are hit. Default 1. |

Of several rules for one call the first is played.
"#;

const OPERATIONS: &str = "\
A write has stale reads where the sandbox knows what shows it: the key policy, tags, rotation, state, description, \
grants and aliases of a key, and content, attachments and tags of a policy.

Operations that are served; a rule that names another one is refused:
";

const ORGANIZATION: &str = r#"## `--organization`: who is there

One object. The built-in organisation `o-a1b2c3d4e5` has the root `r-ab12`, the management account `111111111111`, and
the accounts `222222222222` in the unit `dev` (`ou-ab12-11111111`) and `333333333333` in `prod` (`ou-ab12-22222222`).

```sh
cat > organization.json <<'JSON'
{
  "id": "o-example1234",
  "management_account": "111111111111",
  "root": {
    "id": "r-ex12",
    "accounts": [{
      "id": "111111111111",
      "name": "management",
      "users": [{
        "name": "operator",
        "policies": [{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}],
        "access_keys": [{"id": "AKIAEXAMPLEOPERATOR1", "secret": "an-example-secret"}]
      }]
    }],
    "organizational_units": [{
      "id": "ou-ex12-11111111",
      "name": "dev",
      "accounts": [{"id": "222222222222", "name": "dev"}]
    }]
  },
  "every_account": {
    "roles": [{
      "name": "auditor",
      "trust": {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::${management_account}:root"}, "Action": "sts:AssumeRole"}
      ]},
      "policies": [{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["kms:Describe*", "kms:Get*", "kms:List*"], "Resource": "*"}
      ]}]
    }]
  }
}
JSON
keyrail sandbox --organization organization.json -- \
  keyrail audit --assume-role arn:aws:iam::222222222222:role/auditor
```

| Member | Required | What it says |
|---|---|---|
| `id` | yes | The organisation, such as `o-a1b2c3d4e5`. |
| `management_account` | yes | The account that manages it; it stands in the tree like any other. |
| `root` | yes | `id`, and below it `accounts` and `organizational_units`. |
| `feature_set` | no | `ALL` (the default) or `CONSOLIDATED_BILLING`. |
| `enabled_policy_types` | no | What is enabled on the root from the start: `SERVICE_CONTROL_POLICY`, `RESOURCE_CONTROL_POLICY`. Default: nothing. |
| `every_account` | no | `roles` and `users` that every account has. `${account}` and `${management_account}` in their texts stand for the ids. |
| `outside` | no | Accounts that are not in the organisation. |

- A unit has `id` and `name`, and may have `accounts` and `organizational_units`.
- An account has `id` and `name`, and may have `roles` and `users`.
- A role has `name` and `trust` (a policy), and may have `path`, `policies`, `permissions_boundary`, `tags` and
  `max_session_seconds` (3600).
- A user has `name`, and may have `path`, `policies`, `permissions_boundary`, `tags`, `access_keys` (each with `id` and
  `secret`) and `mfa_code`, the six digits that the user's device shows.

A command in the sandbox is the first user of the management account that has an access key; without one the file is
refused. Members with other names are refused, too.
"#;

const ENDPOINTS: &str = r#"## Endpoints

Below `/_sandbox/` on the same port, without a signature. Answers are JSON; what cannot be done answers with the status
400 and `{"error": "…"}`.

```sh
keyrail sandbox -- bash -euo pipefail <<'SCRIPT'
ask() { curl --silent --fail "${@:2}" "$AWS_ENDPOINT_URL/_sandbox/$1"; echo; }
ask clock --data '{"advance_seconds": 2592000}'
ask faults --data '[{"operation": "ListKeys", "fault": "access_denied"}]'
ask roles --data '{"account": "222222222222", "role": {"name": "batch", "trust": {"Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "sts:AssumeRole"}]}}}'
ask roles --request DELETE --data '{"arn": "arn:aws:iam::222222222222:role/batch"}'
ask requests
ask state
ask reset --request POST
SCRIPT
```

| Request | Body | What it does |
|---|---|---|
| `POST clock` | `{"advance_seconds": 2592000}` | Turns the clock on, and answers with the time. It never turns back; deletions and policy types come due by it, sessions expire by it. |
| `POST faults` | a list of rules | Loads a fault script in place of the one before, and counts calls from 1 again. |
| `POST roles` | `{"account": "…", "role": {…}}` | Makes a role, or makes it anew: another one under the same name. |
| `DELETE roles` | `{"arn": "…"}` | Deletes a role. |
| `GET requests` | | What was asked, oldest first: who, what, and how it ended. |
| `GET state` | | Keys, policies, principals, counts of calls, and the time. |
| `POST reset` | | Everything as at the start. |
"#;
