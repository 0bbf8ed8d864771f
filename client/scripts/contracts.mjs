// `npm run contracts` writes src/core/contracts/generated; `-- --check` compares instead and fails when it is stale.
// `-- --from FILE` takes the contract from a file; otherwise `batiyoun schema` is asked, from BATIYOUN (a command), the
// project's virtual environment, or PATH.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const TOOL = here("../tools/contracts");
const TARGET = here("../src/core/contracts/generated");

/** @param {string | undefined} from */
function readContract(from) {
  if (from) return JSON.parse(readFileSync(from, "utf8"));
  const local = here("../../.venv/bin/batiyoun");
  const command = process.env["BATIYOUN"] ?? (existsSync(local) ? local : "batiyoun");
  return JSON.parse(execFileSync(command, ["schema"], { encoding: "utf8", maxBuffer: 64 << 20 }));
}

/** The generator has its own lock: it needs TypeScript 5, the client is compiled by 7. */
function installTool() {
  const stamp = join(TOOL, "node_modules/.package-lock.json");
  if (existsSync(stamp)) return;
  execFileSync("npm", ["ci", "--ignore-scripts"], { cwd: TOOL, stdio: ["ignore", "ignore", "inherit"] });
}

/** @param {string} directory */
const contentsOf = (directory) =>
  existsSync(directory)
    ? readdirSync(directory).toSorted().map((name) => `${name}\n${readFileSync(join(directory, name), "utf8")}`).join("\n")
    : "";

const args = process.argv.slice(2);
const check = args.includes("--check");
const from = args.includes("--from") ? args[args.indexOf("--from") + 1] : undefined;

installTool();
const { generate } = await import(join(TOOL, "generate.mjs"));
const contract = readContract(from);
if (check) {
  const fresh = mkdtempSync(join(tmpdir(), "contracts-"));
  try {
    await generate(contract, fresh);
    if (contentsOf(fresh) !== contentsOf(TARGET)) {
      process.stderr.write("client/src/core/contracts/generated is stale: run `npm run contracts` in client/ and commit it.\n");
      process.exitCode = 1;
    }
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
} else {
  rmSync(TARGET, { recursive: true, force: true });
  await generate(contract, TARGET);
}
