# By key id, key ARN, alias or alias ARN.
terraform import secure_kms_key.payments alias/dev/payments/db/encryption
