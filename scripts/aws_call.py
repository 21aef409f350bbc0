#!/usr/bin/env python3
"""One call to AWS with nothing but the standard library, for the demo.

    aws_call.py kms DisableKeyRotation '{"KeyId": "alias/dev/payments/db/encryption"}'
    aws_call.py --role arn:aws:iam::222222222222:role/developer kms Decrypt '{...}'

Credentials, region and endpoint come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN,
AWS_REGION and AWS_ENDPOINT_URL. Prints the answer as JSON and exits 0; prints AWS's error and exits 1.
The signature is written from the SigV4 description, not with an SDK: a second opinion on who checks it.
"""

import argparse
import datetime
import hashlib
import hmac
import json
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

TARGETS = {"kms": "TrentService", "organizations": "AWSOrganizationsV20161128"}


def sign(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signed_headers(credentials, service, region, host, headers, body):
    """The headers of a POST to `/`, with the SigV4 authorization among them."""
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    headers = {**headers, "host": host, "x-amz-date": now}
    if credentials.get("token"):
        headers["x-amz-security-token"] = credentials["token"]
    names = sorted(headers)
    canonical = "\n".join(
        ["POST", "/", ""]
        + [f"{name}:{headers[name]}" for name in names]
        + ["", ";".join(names), hashlib.sha256(body).hexdigest()]
    )
    scope = f"{now[:8]}/{region}/{service}/aws4_request"
    to_sign = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + credentials["secret"]).encode()
    for part in scope.split("/"):
        key = sign(key, part)
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credentials['id']}/{scope}, "
        f"SignedHeaders={';'.join(names)}, Signature={signature}"
    )
    return headers


def post(credentials, service, region, headers, body):
    endpoint = os.environ.get("AWS_ENDPOINT_URL") or f"https://{service}.{region}.amazonaws.com"
    host = urllib.parse.urlsplit(endpoint).netloc
    headers = signed_headers(credentials, service, region, host, headers, body)
    request = urllib.request.Request(endpoint.rstrip("/") + "/", data=body, headers=headers, method="POST")
    # A proxy of the environment is for the world outside, not for this endpoint.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=30) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        sys.exit(error_text(error.read().decode()))


def error_text(text):
    """AWS's code and message, out of the JSON or the XML that carries them."""
    try:
        said = json.loads(text)
        code = said.get("__type", "").rsplit("#", 1)[-1]
        return f"{code}: {said.get('message') or said.get('Message') or ''}"
    except ValueError:
        code, message = (re.search(f"<{name}>(.*?)</{name}>", text, re.S) for name in ("Code", "Message"))
        return f"{code.group(1)}: {message.group(1) if message else ''}" if code else text


def assume(credentials, region, role):
    form = {"Action": "AssumeRole", "Version": "2011-06-15", "RoleArn": role, "RoleSessionName": "demo"}
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = post(credentials, "sts", region, headers, urllib.parse.urlencode(form).encode())
    found = {name: re.search(f"<{name}>(.*?)</{name}>", answer) for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")}
    return {
        "id": found["AccessKeyId"].group(1),
        "secret": found["SecretAccessKey"].group(1),
        "token": found["SessionToken"].group(1),
    }


def main():
    parser = argparse.ArgumentParser(description="One call to AWS KMS or AWS Organizations.")
    parser.add_argument("--role", help="a role to assume first")
    parser.add_argument("service", choices=sorted(TARGETS))
    parser.add_argument("operation")
    parser.add_argument("input", nargs="?", default="{}", help="the input as JSON")
    wanted = parser.parse_args()

    region = os.environ.get("AWS_REGION", "eu-west-1")
    credentials = {
        "id": os.environ["AWS_ACCESS_KEY_ID"],
        "secret": os.environ["AWS_SECRET_ACCESS_KEY"],
        "token": os.environ.get("AWS_SESSION_TOKEN"),
    }
    if wanted.role:
        credentials = assume(credentials, region, wanted.role)
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": f"{TARGETS[wanted.service]}.{wanted.operation}",
    }
    body = json.dumps(json.loads(wanted.input)).encode()
    print(json.dumps(json.loads(post(credentials, wanted.service, region, headers, body) or "{}"), indent=2))


if __name__ == "__main__":
    main()
