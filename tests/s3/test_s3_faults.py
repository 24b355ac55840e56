from __future__ import annotations

import pytest
from botocore import exceptions as boto

from hhtools.stream.exits import Exit
from hhtools.stream.s3_faults import fault_of

READ, WRITE = Exit.NO_INPUT, Exit.NO_OUTPUT

ANSWERS = [
    (403, "RequestTimeTooSkewed", READ, 77, "the clock of this machine differs from the server's; set it right"),
    (403, "ExpiredToken", READ, 77, "access denied (ExpiredToken); check the credentials and the bucket's policy"),
    (404, "NoSuchKey", READ, 66, "there is no such object"),
    (404, "NoSuchBucket", WRITE, 73, "there is no such bucket"),
    (412, "PreconditionFailed", READ, 74, "changed while it was being read; read it again from the start"),
    (409, "ConditionalRequestConflict", WRITE, 73, "cannot be created: it has appeared meanwhile, and --no-clobber"),
    (429, "TooManyRequests", READ, 75, "the server is in trouble (TooManyRequests); try again"),
    (500, "InternalError", WRITE, 75, "the server is in trouble (InternalError); try again"),
    (503, "SlowDown", READ, 75, "the server is in trouble (SlowDown); try again"),
    (400, "RequestTimeout", READ, 75, "the server is in trouble (RequestTimeout); try again"),
    (301, "PermanentRedirect", READ, 66, "refused (PermanentRedirect); check the bucket's name and AWS_REGION"),
    (403, "InvalidObjectState", READ, 77, "access denied (InvalidObjectState)"),
]


@pytest.mark.parametrize(("status", "code", "missing", "exit_code", "told"), ANSWERS, ids=[row[1] for row in ANSWERS])
def test_what_the_server_answers(status: int, code: str, missing: Exit, exit_code: int, told: str) -> None:
    response = {
        "Error": {"Code": code, "Message": "AKSECRET"},
        "ResponseMetadata": {
            "HTTPStatusCode": status,
            "RequestId": "",
            "HostId": "",
            "HTTPHeaders": {},
            "RetryAttempts": 0,
        },
    }
    fault = fault_of(boto.ClientError(response, "GetObject"), "s3://bucket/key", missing)
    assert fault.code == exit_code
    assert fault.message.startswith(f"s3://bucket/key: {told}")
    assert "AKSECRET" not in fault.message


CLIENT = [
    (boto.NoCredentialsError(), 77),
    (boto.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"), 77),
    (boto.ProfileNotFound(profile="nobody"), 77),
    (boto.SSOTokenLoadError(error_msg="expired"), 77),
    (boto.EndpointConnectionError(endpoint_url="https://AKSECRET@host"), 75),
    (boto.ConnectTimeoutError(endpoint_url="https://AKSECRET@host"), 75),
    (boto.ReadTimeoutError(endpoint_url="https://AKSECRET@host"), 75),
    (boto.SSLError(endpoint_url="https://AKSECRET@host", error="AKSECRET"), 75),
    (boto.ParamValidationError(report="AKSECRET"), 2),
    (ValueError("Invalid endpoint: AKSECRET"), 2),
    (OSError("failed to read 32768 bytes after 5 attempts"), 75),
]


@pytest.mark.parametrize(("error", "exit_code"), CLIENT, ids=lambda value: type(value).__name__)
def test_what_the_client_raises(error: Exception, exit_code: int) -> None:
    fault = fault_of(error, "s3://bucket/key", READ)
    assert fault.code == exit_code
    assert fault.message.startswith("s3://bucket/key: ")
    assert "AKSECRET" not in fault.message
    assert "\n" not in fault.message
