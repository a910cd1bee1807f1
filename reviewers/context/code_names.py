"""Change here which file names are code when no grammar reads them: such files rank as code, and indentation shows their structure."""

import re

# Includes templates, which mix code with text, and notebooks, which are shown as their cells.
_CODE = re.compile(
    r"\.(?:kts?|swift|scala|sc|exs?|erl|hrl|dart|vue|svelte|astro|sql|tf|tfvars|hcl|lua|mm?|zig|hs|lhs|ml|mli|fs|fsx|clj[sc]?|groovy|gradle|pl|pm|r|jl"
    r"|nim|cr|d|pas|vb|ps[md]?1|sol|vy|move|cairo|proto|graphql|thrift|bicep|nix|rego|sv|v|vhdl?|cu|metal|glsl|wgsl|hlsl|f90|asm|s|(?:s?css|less|sass)"
    r"|x?html?|phtml|erb|haml|slim|ejs|hbs|twig|jinja2?|j2|njk|liquid|mustache|pug|cshtml|razor|jspx?|heex|eex|leex|tsp|cmake|bzl|bazel|star"
    r"|ipynb|te?mpl|gohtml|tpl|ftlh?|mako|as[cp]x)$"
    r"|(?:^|/)(?:Dockerfile|Containerfile|Makefile|Rakefile|Jenkinsfile|Vagrantfile|Justfile|BUILD|WORKSPACE|CMakeLists\.txt)(?:\.[\w-]+)?$",
    re.I,
)


def is_code_name(path: str) -> bool:
    """Whether a file of this name is code, with or without a grammar."""
    return bool(_CODE.search(path))
