resource "kms_org_guardrails" "this" {
  environments = {
    dev  = "ou-ab12-11111111"
    prod = "ou-ab12-22222222"
  }

  ou_map = {
    root = ["mfa-for-critical-operations", "deletion-window", "key-rotation"]
    dev  = ["required-tags", "environment-boundary"]
    prod = ["required-tags", "environment-boundary"]
  }
}
