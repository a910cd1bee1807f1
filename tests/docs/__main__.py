"""`python -m tests.docs [--check]`: write the reference pages from the code, or say which are not current."""

import sys

from tests.docs.pages import PAGES, ROOT, write_page


def main(words: list[str]) -> int:
    """Exit code 1 where `--check` finds a page that is not current."""
    old = []
    for path in PAGES:
        text = write_page(path)
        target = ROOT / path
        if target.is_file() and target.read_text("utf-8") == text:
            continue
        old.append(path)
        if "--check" not in words:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
    verb = "not current, run `make docs`:" if "--check" in words else "wrote"
    sys.stdout.write("".join(f"{verb} {path}\n" for path in old) or "The reference pages are current.\n")
    return 1 if old and "--check" in words else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
