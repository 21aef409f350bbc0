output "organization_id" {
  description = "The id of the organisation."
  value       = module.guardrails.organization_id
}

output "ou_paths" {
  description = "The path of each environment's organizational unit, by the environment's name."
  value       = module.guardrails.ou_paths
}

output "policies" {
  description = "The policies by name: id, type and where they hang."
  value       = { for name, policy in module.guardrails.policies : name => { id = policy.id, type = policy.type, targets = policy.targets } }
}

output "proof" {
  description = "How many requests were judged to prove each control."
  value       = module.guardrails.proof
}

output "not_expressible" {
  description = "What no policy can express, by control, and why."
  value       = module.guardrails.not_expressible
}
