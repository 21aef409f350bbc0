# By key id, key ARN, alias or alias ARN. A key of another Region than the provider's has the Region behind it, as in
# `alias/dev/payments/db/encryption@eu-central-1`.
terraform import secure_kms_key.payments alias/dev/payments/db/encryption
