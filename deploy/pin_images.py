"""Pins the base images of Dockerfile and compose.yaml to digests: change here which files are read, and which registry is asked.

A digest comes from the registry's own answer. Where it does not answer for each image, nothing is changed.
https://distribution.github.io/distribution/spec/api/#existing-manifests
"""

import argparse
import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path

FILES = ("Dockerfile", "compose.yaml")
_HUB = "https://registry-1.docker.io"
_SECONDS = 10.0
# The image council is built here and has no tag.
_IMAGE = re.compile(r"^(?P<before>(?:FROM| *image:) +)(?P<name>[\w./-]+:[\w.-]+)(?:@sha256:[0-9a-f]{64})?(?= |$)", re.M)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
# The list of all platforms first: a digest of one of them would not run on the others.
_KINDS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')


class NoDigest(Exception):
    """A registry gave no digest; the message says why."""


def digest_of(registry: str, image: str) -> str:
    """The digest of an image such as python:3.12-slim, as the registry has it now."""
    name, _, tag = image.rpartition(":")
    path = name if "/" in name else f"library/{name}"
    url = f"{registry}/v2/{path}/manifests/{tag}"
    try:
        headers = _asked(url, "")
    except urllib.error.HTTPError as refused:
        if refused.code != 401:
            raise NoDigest(f"{registry} answers {refused.code} for {image}") from None
        headers = _asked(url, _token(refused.headers.get("www-authenticate", "")))
    digest = headers.get("docker-content-digest", "")
    if not _DIGEST.match(digest):
        raise NoDigest(f"{registry} names no digest for {image}")
    return digest


def _asked(url: str, token: str) -> Mapping[str, str]:
    headers = {"Accept": ", ".join(_KINDS)} | ({"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers, method="HEAD"), timeout=_SECONDS) as answer:  # noqa: S310 - the caller's registry
        return {name.lower(): value for name, value in answer.headers.items()}


def _token(challenge: str) -> str:
    """A token for nobody in particular, which public images need.

    https://distribution.github.io/distribution/spec/auth/token/
    """
    given = dict(_CHALLENGE.findall(challenge))
    realm = given.pop("realm", "")
    if not realm.startswith(("https://", "http://127.0.0.1:")):
        raise NoDigest("the registry asks for a sign-in that is not known here")
    with urllib.request.urlopen(f"{realm}?{urllib.parse.urlencode(given)}", timeout=_SECONDS) as answer:  # noqa: S310 - checked above
        found = json.loads(answer.read(100_000))
    return str(found.get("token") or found.get("access_token") or "")


def pin(folder: Path, registry: str) -> Mapping[str, str]:
    """Write the digest behind each image of the files; NoDigest where one is not to be had, and then no file is changed."""
    texts = {path: path.read_text(encoding="utf-8") for path in (folder / name for name in FILES) if path.exists()}
    images = dict.fromkeys(found["name"] for text in texts.values() for found in _IMAGE.finditer(text))
    try:
        digests = {image: digest_of(registry, image) for image in images}
    except (OSError, ValueError, HTTPException) as error:
        raise NoDigest(f"{registry} does not answer ({getattr(error, 'reason', '') or type(error).__name__})") from None
    for path, text in texts.items():
        path.write_text(_IMAGE.sub(lambda found: f"{found['before']}{found['name']}@{digests[found['name']]}", text), encoding="utf-8")
    return digests


def main() -> int:
    parser = argparse.ArgumentParser(description="Pin the base images to the digests that a registry gives.")
    parser.add_argument("--registry", default=_HUB, help="where images are asked for")
    parser.add_argument("--folder", type=Path, default=Path(__file__).parents[1], help="where Dockerfile and compose.yaml are")
    arguments = parser.parse_args()
    try:
        digests = pin(arguments.folder, arguments.registry.rstrip("/"))
    except NoDigest as error:
        sys.stderr.write(f"Nothing is pinned: {error}.\n")
        return 1
    sys.stdout.write("".join(f"{image}@{digest}\n" for image, digest in digests.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
