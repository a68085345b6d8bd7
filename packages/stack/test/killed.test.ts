import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { freePort } from "../src/ports.ts";
import {
  childrenOf,
  commandOf,
  isAlive,
  markOf,
  type ProcessMark,
  signal,
  startTime,
  until,
} from "../src/processes.ts";
import { endLeftovers, makeFolders, pathsIn, readJson, runningSupervisor, takeLock } from "../src/state.ts";
import type { PartStatus } from "../src/supervisor.ts";
import type { FakePart } from "./fake/spec.ts";
import { temporaryFolder } from "./temporary.ts";

async function startStack(folder: string, parts: FakePart[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "fake/stack.ts"), folder, JSON.stringify(parts)], {
    stdio: "inherit",
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const up = () => {
    const now = readJson<{ parts: PartStatus[] }>(pathsIn(folder).status)?.parts ?? [];
    return now.length === parts.length && now.every((part) => part.state === "ready" && isOwn(part, child));
  };
  expect(await until(up, 20_000)).toBe(true);
  return child;
}

/** Whether the status was written by this stack, not by the one before it. */
const isOwn = (part: PartStatus, stack: ChildProcess) => childrenOf(stack.pid ?? 0).includes(part.pid ?? -1);

function marksOf(folder: string): ProcessMark[] {
  const { children } = pathsIn(folder);
  return readdirSync(children).map((name) => {
    const mark = readJson<ProcessMark>(join(children, name));
    if (!mark) throw new Error(`unreadable record ${name}`);
    return mark;
  });
}

const guardOf = (stack: ChildProcess) =>
  childrenOf(stack.pid ?? 0).find((pid) => commandOf(pid).startsWith("/bin/sh -c"));
const noneAlive = (marks: ProcessMark[]) => () => !marks.some(isAlive);

test("SIGTERM of the supervisor leaves no process and no lock", async () => {
  const folder = temporaryFolder();
  const stack = await startStack(folder, [
    { name: "a", port: await freePort() },
    { name: "b", port: await freePort(), dependsOn: ["a"] },
  ]);
  const marks = marksOf(folder);
  const guard = markOf(guardOf(stack) ?? 0);
  expect(marks).toHaveLength(2);
  stack.kill("SIGTERM");
  expect(await until(() => stack.exitCode === 0, 10_000)).toBe(true);
  expect(marks.some(isAlive)).toBe(false);
  expect(await until(() => !guard || !isAlive(guard), 2_000)).toBe(true);
  expect(runningSupervisor(pathsIn(folder))).toBeUndefined();
});

test("SIGKILL of the supervisor: its guard ends the children, deaf ones too", async () => {
  const folder = temporaryFolder();
  const stack = await startStack(folder, [
    { name: "polite", port: await freePort() },
    { name: "deaf", port: await freePort(), options: ["deaf=1"] },
  ]);
  const marks = marksOf(folder);
  stack.kill("SIGKILL");
  expect(await until(noneAlive(marks), 20_000)).toBe(true);
});

test("SIGKILL of supervisor and guard: the next start ends what is left, takes the lock and the same ports", async () => {
  const folder = temporaryFolder();
  const parts = [
    { name: "a", port: await freePort() },
    { name: "b", port: await freePort() },
  ];
  const first = await startStack(folder, parts);
  const marks = marksOf(folder);
  const guard = guardOf(first);
  expect(guard).toBeDefined();
  signal(guard ?? 0, "SIGKILL");
  first.kill("SIGKILL");
  expect(await until(() => first.signalCode === "SIGKILL", 5_000)).toBe(true);
  expect(marks.every(isAlive)).toBe(true);

  const second = await startStack(folder, parts);
  expect(marks.some(isAlive)).toBe(false);
  expect(JSON.parse(readFileSync(join(folder, "left.json"), "utf8")).sort()).toEqual(["a", "b"]);
  second.kill("SIGTERM");
  expect(await until(() => second.exitCode === 0, 10_000)).toBe(true);
});

test("a process that only carries the number of a former child is left alone", async () => {
  const paths = pathsIn(temporaryFolder());
  makeFolders(paths);
  const stranger = spawn("/bin/sleep", ["60"], { stdio: "ignore" });
  onTestFinished(() => void stranger.kill("SIGKILL"));
  const pid = stranger.pid ?? 0;
  const record = { pid, startedAt: "1", name: "ops", stopSignal: "SIGTERM", group: false };
  writeFileSync(join(paths.children, "ops.json"), JSON.stringify(record));
  expect(await endLeftovers(paths)).toEqual([]);
  expect(startTime(pid)).toBeDefined();
  expect(readdirSync(paths.children)).toEqual([]);
});

test("one state folder has one supervisor; a lock of a dead one is taken over", () => {
  const paths = pathsIn(temporaryFolder());
  makeFolders(paths);
  writeFileSync(paths.lock, JSON.stringify({ pid: process.pid, startedAt: "long ago" }));
  expect(takeLock(paths)).toBeUndefined();
  expect(takeLock(paths)).toEqual(markOf(process.pid));
  expect(readdirSync(paths.run).filter((name) => name.startsWith("stack.lock"))).toEqual(["stack.lock"]);
});

test("a folder that belongs to something else is refused as state folder", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "thesis.docx"), "do not delete");
  expect(() => makeFolders(pathsIn(folder))).toThrow(/STATE_DIR/);
});
