"""What S3 and its client raise -> the exit code and the line that say where, what, and the way out."""

from __future__ import annotations

from botocore import exceptions as boto

from hhtools.stream.exits import Exit, Fault, FileExists

_NO_CREDENTIALS = "no AWS credentials found; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
_TRANSIENT = {"InternalError", "RequestTimeout", "ServiceUnavailable", "SlowDown", "Throttling", "OperationAborted"}
_EXPIRED = {"ExpiredToken", "InvalidToken", "TokenRefreshRequired"}
_BY_CODE = {
    "RequestTimeTooSkewed": (
        Exit.PERMISSION,
        "the clock of this machine differs from the server's; set it right",
    ),
    "NoSuchUpload": (Exit.IO, "its upload has been aborted by somebody else"),
}
_LOGIN = (
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.ProfileNotFound,
    boto.ConfigParseError,
    boto.ConfigNotFound,
    boto.SSOError,
    boto.NoRegionError,
    boto.InvalidRegionError,
)


def fault_of(error: Exception, name: str, missing: Exit) -> Fault:
    """Give the end of a run for an error; ``missing`` is the code for an object or a bucket that is not there.

    What the server or the client says is not passed on whole: it can hold signatures and keys.
    """
    if isinstance(error, Fault):
        return error
    cause = _cause_of(error)
    if isinstance(cause, boto.ClientError):
        return _answered(cause, name, missing)
    if isinstance(cause, boto.NoCredentialsError):
        return Fault(Exit.PERMISSION, f"{name}: {_NO_CREDENTIALS}")
    if isinstance(cause, boto.CredentialRetrievalError):  # its text is that of a program, which may print a token
        return Fault(Exit.PERMISSION, f"{name}: the AWS credentials cannot be retrieved; see credential_process")
    if isinstance(cause, _LOGIN):
        return Fault(Exit.PERMISSION, f"{name}: the AWS configuration cannot be used: {cause}")
    if isinstance(cause, (boto.ParamValidationError, boto.InvalidDNSNameError, ValueError)):
        return Fault(Exit.USAGE, f"{name}: is no valid bucket and key, or the endpoint is no URL")
    if isinstance(cause, boto.SSLError):
        return Fault(Exit.NETWORK, f"{name}: the server's certificate is not trusted; see AWS_CA_BUNDLE")
    if type(cause) is OSError:  # smart_open's, after five attempts
        return Fault(Exit.NETWORK, f"{name}: the connection broke off again and again; try again")
    return Fault(Exit.NETWORK, f"{name}: network trouble ({type(cause).__name__}); try again")


def _cause_of(error: BaseException) -> BaseException:
    # smart_open wraps what botocore raises in an OSError.
    while not isinstance(error, boto.ClientError | boto.BotoCoreError) and error.__cause__ is not None:
        error = error.__cause__
    return error


def _answered(error: boto.ClientError, name: str, missing: Exit) -> Fault:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = error.response.get("Error", {}).get("Code", "")
    if code in _BY_CODE:
        exit_code, told = _BY_CODE[code]
        return Fault(exit_code, f"{name}: {told}")
    if code in _TRANSIENT:
        return Fault(Exit.NETWORK, f"{name}: the server is in trouble ({code}); try again")
    if status in (401, 403) or code in _EXPIRED:
        return Fault(Exit.PERMISSION, f"{name}: access denied ({code}); check the credentials and the bucket's policy")
    if code == "NoSuchBucket":
        return Fault(missing, f"{name}: there is no such bucket")
    if status == 404:
        return Fault(missing, f"{name}: there is no such object")
    if status in (409, 412) and missing == Exit.NO_OUTPUT:
        return FileExists(missing, f"{name}: cannot be created: it has appeared meanwhile, and --no-clobber keeps it")
    if status == 412:
        return Fault(Exit.IO, f"{name}: changed while it was being read; read it again from the start")
    if status >= 500 or status == 429:
        return Fault(Exit.NETWORK, f"{name}: the server is in trouble ({code or status}); try again")
    if status in (301, 307, 400):
        return Fault(missing, f"{name}: refused ({code or status}); check the bucket's name and AWS_REGION")
    return Fault(missing, f"{name}: refused ({code or status})")
