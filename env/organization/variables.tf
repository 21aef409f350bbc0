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

variable "environments" {
  description = "The organizational unit of each environment, by the environment's name."
  type        = map(string)
  nullable    = false

  validation {
    condition     = alltrue([for id in values(var.environments) : can(regex("^ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}$", id))])
    error_message = "A value of environments is not the id of an organizational unit, such as ou-ab12-11111111."
  }
}

variable "ou_map" {
  description = "What hangs where: `root`, an environment's name or an id, to the controls that hang there."
  type        = map(list(string))
  nullable    = false
}

variable "pipeline_role_arns" {
  description = "The roles that run Terraform and have no second factor. Multi-factor authentication is not asked of them. The account may be `*`."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.pipeline_role_arns : can(regex("^arn:[^:]+:iam::([0-9]{12}|\\*):role/.+$", arn))])
    error_message = "A value of pipeline_role_arns is not the ARN of a role, such as arn:aws:iam::*:role/terraform."
  }
}

variable "required_tags" {
  description = "The tags that every key carries."
  type        = set(string)
  default     = ["BU", "BusinessOwner", "TechnicalOwner", "ProjectManager", "Project", "Owner", "Environment"]
  nullable    = false
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
