"""A repository in a dictionary, open for looks: it reads files and searches names."""

from collections.abc import Mapping, Sequence

from reviewers.context.repository.looks import Look, LookAnswer, LookKind, SourceLine


class FileRepository:
    """READ gives the lines of a file, every other kind the lines that contain the target; `looks` records the requests."""

    commit = "a" * 40

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = dict(files)
        self.looks: list[Look] = []

    async def look(self, look: Look, tokens: int) -> LookAnswer:
        self.looks.append(look)
        lines = [
            SourceLine(path=path, number=number, text=text)
            for path, content in sorted(self.files.items())
            for number, text in enumerate(content.splitlines(), 1)
            if (path == look.target if look.kind is LookKind.READ else look.target in text)
        ]
        text = "\n".join(f"{line.path}:{line.number}: {line.text}" for line in lines)
        return LookAnswer(look=look, text=text or f"{look.target} does not exist", lines=tuple(lines))

    async def texts(self, paths: Sequence[str]) -> Mapping[str, str]:
        return {path: self.files[path] for path in paths if path in self.files}
