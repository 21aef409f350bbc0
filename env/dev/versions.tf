terraform {
  required_version = ">= 1.10"

  required_providers {
    kms = {
      source  = "keyrail/kms"
      version = ">= 0.1.0"
    }
  }
}
