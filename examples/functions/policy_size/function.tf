variable "policy" {
  type    = string
  default = "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Deny\",\"Action\":\"kms:DisableKey\",\"Resource\":\"*\"}}"

  validation {
    condition     = provider::kms::policy_size(var.policy) <= 10240
    error_message = "A service control policy has at most 10,240 characters."
  }
}
