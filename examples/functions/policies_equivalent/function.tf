# true: AWS ignores the order and the letter case of actions.
output "equivalent" {
  value = provider::kms::policies_equivalent(
    jsonencode({ Version = "2012-10-17", Statement = { Effect = "Deny", Action = ["kms:Decrypt", "kms:Encrypt"], Resource = "*" } }),
    jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = ["kms:encrypt", "kms:decrypt"], Resource = ["*"] }] }),
  )
}
