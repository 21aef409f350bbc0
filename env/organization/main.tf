provider "kms" {
  region = var.region

  dynamic "assume_role" {
    for_each = var.role_arn[*]
    content {
      role_arn     = assume_role.value
      session_name = "keyrail-organization"
    }
  }

  controls = {
    required_tags        = { keys = var.required_tags, allowed_values = { Environment = keys(var.environments) } }
    mfa                  = { exempt_principal_arns = var.pipeline_role_arns }
    environment_boundary = { environments = var.environments }
  }
}

module "guardrails" {
  source = "../../modules/org_policies"

  ou_map       = var.ou_map
  environments = var.environments

  name_prefix         = var.name_prefix
  deletion_protection = var.deletion_protection
}
