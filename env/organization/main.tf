locals {
  # What is asked of every key, where it hangs, and whom it spares. `keyrail guardrails --config` reads the same.
  rules = jsondecode(file("${path.module}/../controls.json"))
}

provider "kms" {
  region = var.region

  dynamic "assume_role" {
    for_each = var.role_arn[*]
    content {
      role_arn     = assume_role.value
      session_name = "keyrail-organization"
    }
  }

  controls = local.rules.controls
  waivers  = local.rules.waivers
}

module "guardrails" {
  source = "../../modules/org_policies"

  ou_map                = local.rules.guardrails.ou_map
  environments          = local.rules.controls.environment_boundary.environments
  exempt_principal_arns = local.rules.guardrails.exempt_principal_arns

  name_prefix         = var.name_prefix
  deletion_protection = var.deletion_protection
}
