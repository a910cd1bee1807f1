"""Change here which file names show that a tool wrote the file: lock files, generated code and package folders.

The facts come from GitHub's linguist and from the tools' own pages. Names that people also use for their own files are not listed.
https://github.com/github-linguist/linguist/blob/main/lib/linguist/generated.rb
https://github.com/github-linguist/linguist/blob/main/lib/linguist/vendor.yml
"""

import re

# Files in which a package manager records resolved versions, usually "something.lock".
_LOCK_NAMES = (
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "bun.lockb",
    "shrinkwrap.yaml",
    ".pnp.cjs",
    ".pnp.js",
    ".pnp.loader.mjs",
    "go.sum",
    "go.work.sum",
    "glide.lock",
    "gopkg.lock",
    "pipfile.lock",
    "pylock.toml",
    "conda-lock.yml",
    "conda-lock.yaml",
    "requirements.lock",
    "gems.locked",
    "package.resolved",
    "cartfile.resolved",
    "packages.lock.json",
    "project.assets.json",
    "paket.lock",
    "gradle.lockfile",
    "buildscript-gradle.lockfile",
    "verification-metadata.xml",
    "cabal.project.freeze",
    "stack.yaml.lock",
    "lake-manifest.json",
    "elm-stuff.json",
    "vcpkg-lock.json",
    "dub.selections.json",
    "maven_install.json",
    "module.bazel.lock",
    "rebar.lock",
    ".terraform.lock.hcl",
    "renv.lock",
    "opam.locked",
    "esy.lock.json",
    "buf.lock",
    "chart.lock",
    "requirements.lock.yaml",
    "packages-lock.json",
    "project.lock.json",
)
_LOCK = re.compile(
    rf"(?:^|/)(?:{'|'.join(re.escape(name) for name in _LOCK_NAMES)}"
    r"|[^/]+\.lock(?:b|file|\.(?:json|ya?ml|hcl|toml))?|[^/]+-lock\.(?:json|ya?ml))$",
    re.IGNORECASE,
)

# Suffixes of generator output.
_ENDINGS = (
    ".pb.go",
    ".pb.gw.go",
    ".pb.validate.go",
    ".pb.cc",
    ".pb.h",
    ".pb.c",
    ".pb.swift",
    ".grpc.swift",
    ".pb.dart",
    ".pbenum.dart",
    ".pbgrpc.dart",
    ".pbjson.dart",
    ".pbserver.dart",
    ".pb.rb",
    ".pb.ts",
    ".pb.js",
    ".pb.d.ts",
    ".pbobjc.h",
    ".pbobjc.m",
    ".pb.hrl",
    ".pb.erl",
    "_pb2.py",
    "_pb2.pyi",
    "_pb2_grpc.py",
    "_pb2_grpc.pyi",
    "_pb.js",
    "_pb.ts",
    "_pb.d.ts",
    "_pb.rb",
    "_pb.py",
    "_grpc_pb.js",
    "_grpc_pb.d.ts",
    "_grpc_web_pb.js",
    "_connect.ts",
    "_pb_service.js",
    "_pb_service.d.ts",
    "_connectweb.ts",
    "_pb2_connect.py",
    ".g.dart",
    ".freezed.dart",
    ".gr.dart",
    ".mocks.dart",
    ".chopper.dart",
    ".reflectable.dart",
    ".gen.dart",
    ".swagger.dart",
    ".designer.cs",
    ".designer.vb",
    ".g.cs",
    ".g.i.cs",
    ".g.vb",
    ".g.i.vb",
    ".generated.cs",
    ".feature.cs",
    ".xsd.cs",
    ".assemblyattributes.cs",
    ".assemblyinfo.cs",
    ".min.js",
    ".min.css",
    ".min.mjs",
    ".min.cjs",
    ".bundle.js",
    ".chunk.js",
    ".chunk.css",
    ".chunk.mjs",
    ".js.map",
    ".mjs.map",
    ".cjs.map",
    ".css.map",
    ".ts.map",
    ".scss.map",
    ".tsbuildinfo",
    ".gen.go",
    ".generated.go",
    "_generated.go",
    ".gen.ts",
    ".gen.tsx",
    ".generated.ts",
    ".generated.tsx",
    ".generated.js",
    ".generated.d.ts",
    "_generated.py",
    ".generated.rs",
    ".generated.h",
    ".generated.cpp",
    ".generated.swift",
    ".generated.kt",
    ".generated.java",
    ".pb.cpp",
    ".moc.cpp",
    ".nib",
    ".xcuserstate",
    ".xcworkspacedata",
    ".snap",
    ".snap.md",
    ".ambr",
    ".approved.txt",
    ".pyc",
    ".jsbundle",
)
_GENERATED = re.compile(
    rf"(?:{'|'.join(re.escape(ending) for ending in _ENDINGS)})$"
    r"|(?:^|/)(?:zz_generated[^/]*|generated\.pb\.go|bindata\.go|mock_[^/]+_gen\.go|wire_gen\.go|moc_[^/]+\.cpp|qrc_[^/]+\.cpp)$"
    # Hashed names of bundlers: app.3f9a1c2b.js, index-BcD3fG7h.css.
    r"|(?:^|/)[^/]+[.-](?=[0-9a-z_-]*[0-9])[0-9a-f]{8,32}\.(?:js|mjs|cjs|css)(?:\.map)?$"
    r"|(?:^|/)assets/[^/]+-(?=[\w-]*[0-9])(?=[\w-]*[A-Z])[\w-]{8}\.(?:js|mjs|css)(?:\.map)?$"
    r"|(?:^|/)(?:__generated__|__snapshots__|vcr_cassettes|cassettes|__recordings__|__image_snapshots__)/[^/]",
    re.IGNORECASE,
)

# Folders that belong to a package manager entirely; nobody keeps their own code there.
_PACKAGES = re.compile(
    r"(?:^|/)(?:node_modules|bower_components|jspm_packages|web_modules|site-packages|\.venv|\.bundle|\.gradle|\.dart_tool|\.terraform|Godeps/_workspace"
    r"|Pods|Carthage/(?:Checkouts|Build)|\.yarn/(?:releases|plugins|sdks|cache|unplugged|versions)|elm-stuff|_esy|\.bazel-out|\.nuget)/"
)


def is_lock(path: str) -> bool:
    """Whether a path names the lock file of a package manager."""
    return _LOCK.search(path) is not None


def is_generated_name(path: str) -> bool:
    """Whether the path alone shows that a generator wrote the file."""
    return _GENERATED.search(path) is not None


def is_in_packages(path: str) -> bool:
    """Whether a path lies in a folder that belongs to a package manager."""
    return _PACKAGES.search(path) is not None
