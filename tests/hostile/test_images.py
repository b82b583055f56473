"""Every container image that the product names, with its tag and digest, or why there is none."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from model.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOYED = ("model", "activities", "orchestrators", "gateways", "triggers", "telemetry")
CONFIGURED = ("samples", "infra", "function_app.py", "host.json", "local.settings.sample.json")
REFERENCE = re.compile(
    r"\b(?:docker\.io|ghcr\.io|quay\.io|mcr\.microsoft\.com|registry\.k8s\.io|gcr\.io|public\.ecr\.aws"
    r"|[a-z0-9-]+\.azurecr\.io)/[a-z0-9._/-]+[a-z0-9](?::[A-Za-z0-9._-]+)?(?:@sha256:[0-9a-f]{64})?"
)
QUOTED = re.compile(r"\"image\":\s*\"([^\"]+)\"")
PLAIN = re.compile(r"^[\s-]*image:\s*[\"']?([^\s\"'{]+)", re.MULTILINE)
"""As YAML writes it; in Python the same words annotate a name."""
YAML = (".yaml", ".yml", ".sh")


class Image(NamedTuple):
    """How an image is pinned.

    Attributes:
        tag: Where the tag comes from.
        digest: The digest in force; empty when there is none.
        why: Why there is no digest.
    """

    tag: str
    digest: str
    why: str


IMAGES = {
    "docker.io/kotsadm/kotsadm": Image(
        tag="the request's kots.version, a whole version",
        digest="",
        why="the customer chooses the version, and the Admin Console of the same version runs"
        " beside it; a customer's own mirror has other digests",
    ),
}
"""What runs in Jobs. Images of charts and of the application are pinned by their publishers, in
charts whose version the request pins."""


def references() -> Iterator[tuple[str, str]]:
    """Place and text of each image reference in what is deployed and configured."""
    for top in (*DEPLOYED, *CONFIGURED):
        path = ROOT / top
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.suffix in (".py", ".json", ".bicep", ".bicepparam", *YAML):
                for told in found_in(file.read_text(), file.suffix):
                    yield file.relative_to(ROOT).as_posix(), told


def found_in(text: str, suffix: str) -> set[str]:
    """The image references in a file's text."""
    plain = PLAIN.findall(text) if suffix in YAML else []
    return {*REFERENCE.findall(text), *QUOTED.findall(text), *plain}


def test_every_image_that_is_named_is_in_the_table() -> None:
    """A new image fails here until somebody says how it is pinned."""
    found = set(references())

    assert {told for _, told in found} == set(IMAGES)
    assert ("model/settings.py", Settings().installer_image) in found


def test_an_image_has_a_digest_or_a_reason() -> None:
    """One of the two, and never a tag that floats."""
    for image in IMAGES.values():
        assert bool(image.digest) != bool(image.why)
        assert not image.digest or re.fullmatch(r"sha256:[0-9a-f]{64}", image.digest)
        assert "latest" not in image.tag


def test_a_planted_image_is_found() -> None:
    """The rule can fail, for each way to write one."""
    digest = f"quay.io/a/b@sha256:{'0' * 64}"
    planted = (
        ('IMAGE = "ghcr.io/a/b:latest"', ".py", {"ghcr.io/a/b:latest"}),
        ('{"image": "busybox"}', ".json", {"busybox"}),
        ("containers:\n  - image: nginx:1\n    image: alpine\n", ".yaml", {"nginx:1", "alpine"}),
        ("param i string = 'mine.azurecr.io/a/b:1'", ".bicep", {"mine.azurecr.io/a/b:1"}),
        (f"x = '{digest}'", ".py", {digest}),
        ("image: str", ".py", set[str]()),
    )

    for text, suffix, images in planted:
        assert found_in(text, suffix) == images
