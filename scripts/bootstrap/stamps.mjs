// A step is done when the hash of its inputs is the one of its last success.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, tools } from "./tools.mjs";

const stamps = join(tools, "stamps");

const madeFolders = new Set([
  "node_modules",
  ".next",
  ".react-router",
  ".turbo",
  "build",
  "dist",
  "coverage",
  "generated",
  "test",
  "tests",
]);

/** Hash of files and folders (those that are made, and tests, left out), and of any further text. */
export function digest(paths, ...texts) {
  const hash = createHash("sha256");
  const add = (path) => {
    const full = join(root, path);
    if (!existsSync(full)) return void hash.update(`${path} missing\n`);
    const entries = readdirSync(full, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const name = join(path, entry.name);
      if (entry.isDirectory() && !madeFolders.has(entry.name)) add(name);
      else if (entry.isFile() && entry.name !== "next-env.d.ts") addFile(name);
    }
  };
  const addFile = (path) =>
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update("\0");
  for (const path of paths)
    if (/\.[a-z]+$/.test(path) && existsSync(join(root, path))) addFile(path);
    else add(path);
  for (const text of texts) hash.update(`${text}\n`);
  return hash.digest("hex");
}

export const stampOf = (name) => (existsSync(join(stamps, name)) ? readFileSync(join(stamps, name), "utf8") : "");

export function setStamp(name, value) {
  mkdirSync(stamps, { recursive: true });
  writeFileSync(join(stamps, name), value);
}

/** Folders of the workspace packages by name. */
export function workspace() {
  const found = new Map();
  for (const parent of ["packages", "apps", "."]) {
    const folders =
      parent === "." ? ["cube", "bench", "e2e"] : readdirSync(join(root, parent)).map((name) => `${parent}/${name}`);
    for (const folder of folders) {
      const file = join(root, folder, "package.json");
      if (existsSync(file)) found.set(JSON.parse(readFileSync(file, "utf8")).name, folder);
    }
  }
  return found;
}

/** The folder of a package and of all workspace packages it needs at run time. */
export function withDependencies(folder, packages, seen = new Set()) {
  if (seen.has(folder)) return seen;
  seen.add(folder);
  const { dependencies = {} } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
  for (const name of Object.keys(dependencies))
    if (packages.has(name)) withDependencies(packages.get(name), packages, seen);
  return seen;
}

export const removeStamp = (name) => rmSync(join(stamps, name), { force: true });
