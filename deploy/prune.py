"""`python prune.py SITE_PACKAGES`: drops what no process of Council ever loads; change here what an image leaves out.

Measured with the locked requirements of November 2026: 581 MB become 479. tests/test_packages.py runs the demo after it, and
opens the one AWS service that is used.
"""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

# Of AWS only these are asked: the models, and who may ask them.
_AWS = ("bedrock", "bedrock-runtime", "sso", "sso-oidc", "sts")
# Models of GitHub's answers (56 MB): Council reads its own. The pages and API description of litellm's server (26 MB), which is not run.
_FOLDERS = ("githubkit_schemas/v*", "githubkit_schemas/latest", "litellm/proxy/_experimental", "litellm/proxy/swagger")
# Their own tests (20 MB).
_TESTED = ("numpy", "regex", "referencing", "greenlet", "jsonschema", "psutil")


def find_unused(packages: Path) -> Iterator[Path]:
    """The folders that can go."""
    for pattern in _FOLDERS:
        yield from packages.glob(pattern)
    yield from (path for path in packages.glob("botocore/data/*") if path.is_dir() and path.name not in _AWS)
    for name in _TESTED:
        yield from (path for path in (packages / name).rglob("tests") if path.is_dir())


def measure(folder: Path) -> int:
    """Bytes."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def main(packages: Path) -> int:
    """Drop it, and say how much that was."""
    if not (packages / "litellm").is_dir():
        sys.stderr.write(f"{packages} is no environment of Council\n")
        return 2
    before = measure(packages)
    for folder in list(find_unused(packages)):
        shutil.rmtree(folder, ignore_errors=True)
    after = measure(packages)
    sys.stdout.write(f"{before / 1e6:.0f} MB before, {after / 1e6:.0f} MB after\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
