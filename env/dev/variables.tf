# Where the keys are made.

variable "region" {
  description = "The region of the keys."
  type        = string
  default     = "eu-west-1"
  nullable    = false
}

variable "role_arn" {
  description = "The role to assume in the environment's account; the caller's own credentials are used when null."
  type        = string
  default     = null

  validation {
    condition     = var.role_arn == null || can(regex("^arn:[^:]+:iam::[0-9]{12}:role/.+$", var.role_arn))
    error_message = "role_arn is not the ARN of a role, such as arn:aws:iam::222222222222:role/terraform."
  }
}

variable "account_id" {
  description = "The environment's account. Terraform stops when the credentials lead elsewhere."
  type        = string
  default     = null

  validation {
    condition     = var.account_id == null || can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id has 12 digits."
  }
}

# The key.

variable "environment_name" {
  description = "The environment that the keys belong to."
  type        = string
  nullable    = false

  validation {
    condition     = contains(keys(local.rules.controls.environment_boundary.environments), var.environment_name)
    error_message = "environment_name is not among the environments of env/controls.json."
  }
}

variable "key_function" {
  description = "What the key works for, such as `db`."
  type        = string
  nullable    = false
}

variable "key_team" {
  description = "The team that answers for the key."
  type        = string
  nullable    = false
}

variable "key_purpose" {
  description = "What is done with the key, such as `encryption`."
  type        = string
  nullable    = false
}

variable "description" {
  description = "What the key protects."
  type        = string
  default     = null
}

variable "custom_policy" {
  description = "The file in `policies/kms` that holds the key policy; one is generated when null."
  type        = string
  default     = null
}

variable "enable_key_rotation" {
  description = "Whether AWS makes new key material regularly."
  type        = bool
  default     = true
  nullable    = false
}

variable "deletion_window_in_days" {
  description = "Days between the destruction of a key in Terraform and its loss, 7 to 30."
  type        = number
  default     = 30
  nullable    = false
}

variable "tags" {
  description = "The tags of the keys. `Environment` is added from `environment_name`."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "additional_keys" {
  description = "More keys by a name of your choice. What is left out is as for the first key."
  type = map(object({
    key_function  = string
    key_purpose   = string
    key_team      = optional(string)
    description   = optional(string)
    custom_policy = optional(string)
    key_users     = optional(set(string), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = !contains(keys(var.additional_keys), "main")
    error_message = "The name main belongs to the first key; call the other one something else."
  }
}

variable "deletion_protection" {
  description = "Whether Terraform refuses to destroy the keys. Switch it off, apply, and only then destroy."
  type        = bool
  default     = true
  nullable    = false
}
