locals {
  named = toset(flatten(values(var.ou_map)))

  # Only the files that ou_map names: a folder may hold more than one organisation needs.
  policies = var.policies_directory == null ? {} : {
    for file in fileset(var.policies_directory, "*.json") :
    trimsuffix(file, ".json") => file("${var.policies_directory}/${file}")
    if contains(local.named, trimsuffix(file, ".json"))
  }
}

resource "kms_org_guardrails" "this" {
  ou_map       = var.ou_map
  environments = var.environments
  policies     = local.policies
  policy_types = var.policy_type == null ? null : [var.policy_type]

  exempt_principal_arns = var.exempt_principal_arns
  enable_policy_types   = var.enable_policy_types
  deletion_protection   = var.deletion_protection

  name_prefix = var.name_prefix
  description = var.description
  tags        = var.tags
}
