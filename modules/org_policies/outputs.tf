output "organization_id" {
  description = "The id of the organisation."
  value       = kms_org_guardrails.this.organization_id
}

output "policies" {
  description = "The policies by name: id, ARN, type, content, characters and where they hang."
  value       = kms_org_guardrails.this.documents
}

output "ou_paths" {
  description = "The path of each environment's organizational unit, by the environment's name."
  value       = kms_org_guardrails.this.ou_paths
}

output "proof" {
  description = "How many requests were judged to prove each control."
  value       = kms_org_guardrails.this.proof
}

output "not_expressible" {
  description = "What no policy can express, by control, and why."
  value       = kms_org_guardrails.this.not_expressible
}
