variable "region" {
  description = "The region that AWS is asked in. Policies of the organisation have none; the caller's identity does."
  type        = string
  default     = "eu-west-1"
  nullable    = false
}

variable "role_arn" {
  description = "The role to assume in the management account; the caller's own credentials are used when null."
  type        = string
  default     = null
}

variable "name_prefix" {
  description = "What the names of the organisation's policies begin with."
  type        = string
  default     = "keyrail-"
  nullable    = false
}

variable "deletion_protection" {
  description = "Whether Terraform refuses to take the policies away. Switch it off, apply, and only then destroy."
  type        = bool
  default     = true
  nullable    = false
}
