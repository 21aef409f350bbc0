//! How many decisions a second the crate `iam-rs` takes on the case given on
//! standard input. It knows no kinds of policy, so it gets all of them as one
//! list; what it answers is not compared.

use std::hint::black_box;
use std::io::Read;
use std::time::Duration;

use iam_rs::{Arn, Context, ContextValue, IAMPolicy, IAMRequest, PolicyEvaluator, Principal, PrincipalId};
use serde_json::Value;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let case: Value = serde_json::from_str(&text)?;
    let mut policies = Vec::new();
    let levels = ["scp", "rcp"].iter().flat_map(|chain| case[*chain].as_array().into_iter().flatten());
    let attached = levels.flat_map(|level| level["policies"].as_array().into_iter().flatten());
    for policy in attached.chain(case["identity_policies"].as_array().into_iter().flatten()).chain([&case["resource_policy"]]) {
        policies.push(serde_json::from_value::<IAMPolicy>(policy.clone())?);
    }
    let evaluator = PolicyEvaluator::with_policies(policies);
    let mut context = Context::new();
    for (key, value) in case["context"].as_object().into_iter().flatten() {
        let value = match value {
            Value::Array(items) => ContextValue::StringList(items.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
            value => ContextValue::String(value.as_str().unwrap_or_default().to_owned()),
        };
        context.insert(key.clone(), value);
    }
    let principal = case["principal"].as_str().unwrap_or_default().to_owned();
    let request = IAMRequest::new_with_context(
        Principal::Aws(PrincipalId::String(principal)),
        case["action"].as_str().unwrap_or_default(),
        Arn::parse(case["resource"].as_str().unwrap_or_default())?,
        context,
    );
    let (start, mut decisions) = (processor_time()?, 0_u32);
    while processor_time()? - start < Duration::from_secs(1) {
        for _ in 0..1000 {
            black_box(evaluator.evaluate(black_box(&request)).map_err(|error| format!("{error:?}"))?);
        }
        decisions += 1000;
    }
    println!("{}", f64::from(decisions) / (processor_time()? - start).as_secs_f64());
    Ok(())
}

/// What this thread has had of the processor; Linux tells.
fn processor_time() -> Result<Duration, Box<dyn std::error::Error>> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(Duration::from_nanos(text.split_whitespace().next().unwrap_or_default().parse()?))
}
