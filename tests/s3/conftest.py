"""The stores that S3 is tried on: a real Ceph gateway when one runs, and moto's server always."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import boto3
import pytest

from tests.shell import Done, hh

KEYS = {"AWS_ACCESS_KEY_ID": "AKTEST", "AWS_SECRET_ACCESS_KEY": "SKTESTSECRET", "AWS_DEFAULT_REGION": "us-east-1"}
NO_GATEWAY = "no Ceph gateway: run make test-s3 (Debian: radosgw ceph-mon ceph-osd ceph-common)"


class Store(NamedTuple):
    """A server of S3, and an empty bucket on it."""

    endpoint: str
    client: Any
    bucket: str

    @property
    def address(self) -> tuple[str, int]:
        """Give the server's host and port."""
        parts = urlsplit(self.endpoint)
        return str(parts.hostname), int(parts.port or 80)

    @property
    def environment(self) -> dict[str, str]:
        """Give the environment that leads a command there."""
        return {"AWS_ENDPOINT_URL": self.endpoint, **KEYS}

    def hh(self, *argv: Any, stdin: bytes = b"", **environment: str) -> Done:
        """Run a command against this store."""
        return hh(*argv, stdin=stdin, **{**self.environment, **environment})

    def url(self, key: str) -> str:
        """Name an object of the bucket."""
        return f"s3://{self.bucket}/{key}"

    def put(self, key: str, content: bytes) -> str:
        """Make an object and give its URL."""
        self.client.put_object(Bucket=self.bucket, Key=key, Body=content)
        return self.url(key)

    def content(self, key: str) -> bytes:
        """Give what an object holds."""
        body: bytes = self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return body

    def keys(self) -> list[str]:
        """Give the keys of all objects."""
        return [entry["Key"] for entry in self.client.list_objects_v2(Bucket=self.bucket).get("Contents", ())]

    def pending_uploads(self) -> int:
        """Count the uploads that are neither complete nor aborted."""
        return len(self.client.list_multipart_uploads(Bucket=self.bucket).get("Uploads", ()))


@pytest.fixture(scope="session")
def moto_endpoint() -> Iterator[str]:
    """Run moto's server: it honours conditional writes, but accepts any secret."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    argv = [sys.executable, "-m", "moto.server", "-p", str(port)]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        for _ in range(300):
            with socket.socket() as knocking:
                if knocking.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
        server.terminate()


@pytest.fixture
def moto(moto_endpoint: str, request: pytest.FixtureRequest) -> Store:
    return _store(moto_endpoint, request)


@pytest.fixture
def gateway(request: pytest.FixtureRequest) -> Store:
    endpoint = os.environ.get("HH_TEST_S3")
    if not endpoint:
        pytest.skip(NO_GATEWAY)
    return _store(endpoint, request)


@pytest.fixture(params=["moto", "gateway"])
def store(request: pytest.FixtureRequest) -> Store:
    """Give each of the stores in turn."""
    found: Store = request.getfixturevalue(request.param)
    return found


def _store(endpoint: str, request: pytest.FixtureRequest) -> Store:
    client = boto3.session.Session().client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        region_name=KEYS["AWS_DEFAULT_REGION"],
    )
    bucket = f"hh-{os.getpid()}-{abs(hash(request.node.nodeid)) % 10**9}"
    client.create_bucket(Bucket=bucket)
    return Store(endpoint, client, bucket)
