import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { freePort } from "../src/ports.ts";
import { isAlive, markOf, until } from "../src/processes.ts";
import { makeFolders, pathsIn } from "../src/state.ts";
import { type PartSpec, type PartStatus, type Policy, type Supervisor, supervise } from "../src/supervisor.ts";
import { type FakePart, fakeSpec } from "./fake/spec.ts";
import { temporaryFolder } from "./temporary.ts";

const quick: Partial<Policy> = { pausesMs: [20, 40, 80], probeEveryMs: 50 };

function run(parts: (folder: string) => PartSpec[], policy: Partial<Policy> = quick) {
  const folder = temporaryFolder();
  const paths = pathsIn(folder);
  makeFolders(paths);
  const history: string[] = [];
  const supervisor = supervise({
    parts: parts(`${folder}/journal`),
    paths,
    onChange: (part) => history.push(`${part.name} ${part.state}`),
    policy,
  });
  onTestFinished(() => supervisor.stop());
  const journal = () => readFileSync(`${folder}/journal`, "utf8").trim().split("\n");
  return { supervisor, history, journal, paths };
}

const stateOf = (supervisor: Supervisor, name: string): PartStatus => {
  const found = supervisor.status().find((part) => part.name === name);
  if (!found) throw new Error(`no part ${name}`);
  return found;
};
const reaches = (supervisor: Supervisor, name: string, state: PartStatus["state"], ms = 15_000) =>
  until(() => stateOf(supervisor, name).state === state, ms);
const fakes =
  (...parts: FakePart[]) =>
  (journal: string) =>
    parts.map((part) => fakeSpec(part, journal));

test("a part starts when what it needs is ready, and stops before it", async () => {
  const [base, middle, top] = [await freePort(), await freePort(), await freePort()];
  const { supervisor, journal } = run(
    fakes(
      { name: "base", port: base, options: ["slow=300"] },
      { name: "middle", port: middle, dependsOn: ["base"], options: ["slow=300"] },
      { name: "top", port: top, dependsOn: ["middle"] },
    ),
  );
  expect(await reaches(supervisor, "top", "ready")).toBe(true);
  await supervisor.stop();
  const events = journal().map((line) => line.split(" ").slice(0, 2).join(" "));
  const at = (event: string) => events.indexOf(event);
  expect(at("base asked")).toBeLessThan(at("middle start"));
  expect(at("middle asked")).toBeLessThan(at("top start"));
  expect(events.filter((event) => event.endsWith("term"))).toEqual(["top term", "middle term", "base term"]);
});

test("a process gets exactly the environment it was given", async () => {
  const port = await freePort();
  const { supervisor } = run(fakes({ name: "only", port }));
  await reaches(supervisor, "only", "ready");
  const { env } = (await (await fetch(`http://127.0.0.1:${port}/`)).json()) as { env: Record<string, string> };
  expect(Object.keys(env).filter((name) => name !== "__CF_USER_TEXT_ENCODING")).toEqual(["ONLY"]);
});

test("a process that dies comes back, and the restart is counted", async () => {
  const port = await freePort();
  const { supervisor, history } = run(fakes({ name: "once", port }));
  await reaches(supervisor, "once", "ready");
  await fetch(`http://127.0.0.1:${port}/die`).catch(() => {});
  expect(await until(() => stateOf(supervisor, "once").restarts === 1, 5_000)).toBe(true);
  expect(await reaches(supervisor, "once", "ready")).toBe(true);
  expect(history).toEqual(["once starting", "once ready", "once restarting", "once starting", "once ready"]);
});

test("one that keeps dying is failing, shows its last words, is still tried, and leaves the others alone", async () => {
  const [healthy, dying] = [await freePort(), await freePort()];
  const { supervisor, journal } = run(
    fakes({ name: "healthy", port: healthy }, { name: "dying", port: dying, options: ["exit=3"] }),
  );
  expect(await reaches(supervisor, "dying", "failing")).toBe(true);
  const starts = () => journal().filter((line) => line.startsWith("dying start")).length;
  const failing = stateOf(supervisor, "dying");
  expect(failing.detail).toContain("exited with 3");
  expect(failing.lastLines?.join("\n")).toContain("dying: cannot work, reason 3");
  const before = starts();
  expect(before).toBeGreaterThanOrEqual(5);
  expect(await until(() => starts() > before, 5_000)).toBe(true);
  expect(stateOf(supervisor, "healthy").state).toBe("ready");
  expect(stateOf(supervisor, "healthy").restarts).toBe(0);
});

test("the pauses grow, and the last one repeats", async () => {
  const port = await freePort();
  const began: number[] = [];
  const { supervisor } = run(
    (journal) => {
      const spec = fakeSpec({ name: "dying", port, options: ["exit=1"] }, journal);
      const launch = () => {
        began.push(performance.now());
        return spec.launch();
      };
      return [{ ...spec, launch }];
    },
    { pausesMs: [100, 400, 700], probeEveryMs: 50 },
  );
  expect(await until(() => began.length >= 5, 20_000)).toBe(true);
  await supervisor.stop();
  const gaps = began.slice(1).map((at, index) => at - (began[index] ?? 0));
  expect(gaps[0]).toBeGreaterThanOrEqual(100);
  expect(gaps[1]).toBeGreaterThanOrEqual(400);
  expect(gaps[2]).toBeGreaterThanOrEqual(700);
  expect(gaps[3]).toBeGreaterThanOrEqual(700);
});

test("a probe that says no makes a part unready, with the reason, and nothing is killed", async () => {
  const port = await freePort();
  let wrong: string | undefined;
  const { supervisor } = run((journal) => {
    const spec = fakeSpec({ name: "moody", port }, journal);
    return [{ ...spec, probe: async () => wrong ?? (await spec.probe()) }];
  });
  await reaches(supervisor, "moody", "ready");
  const { pid } = stateOf(supervisor, "moody");
  wrong = "slot lost";
  expect(await reaches(supervisor, "moody", "unready")).toBe(true);
  expect(stateOf(supervisor, "moody").detail).toBe("slot lost");
  wrong = undefined;
  expect(await reaches(supervisor, "moody", "ready")).toBe(true);
  expect(stateOf(supervisor, "moody").pid).toBe(pid);
});

test("a process that never becomes ready is ended and counted as dead", async () => {
  const port = await freePort();
  const { supervisor } = run((journal) => [
    { ...fakeSpec({ name: "mute", port, options: ["slow=60000"] }, journal), readyTimeoutMs: 400 },
  ]);
  expect(await until(() => stateOf(supervisor, "mute").restarts >= 2, 15_000)).toBe(true);
});

test("stop ends a deaf process and the helpers it started", async () => {
  const port = await freePort();
  const { supervisor, journal } = run(
    fakes({ name: "deaf", port, options: ["deaf=1", "grandchild=1"], stopTimeoutMs: 300 }),
  );
  await reaches(supervisor, "deaf", "ready");
  const helper = Number(
    journal()
      .find((line) => line.startsWith("deaf grandchild"))
      ?.split(" ")[2],
  );
  const marks = [markOf(stateOf(supervisor, "deaf").pid ?? 0), markOf(helper)];
  expect(marks.every((mark) => mark && isAlive(mark))).toBe(true);
  await supervisor.stop();
  expect(await until(() => marks.every((mark) => mark && !isAlive(mark)), 2_000)).toBe(true);
  expect(stateOf(supervisor, "deaf").state).toBe("stopped");
});

test("a helper does not outlive a process that died by itself", async () => {
  const port = await freePort();
  const { supervisor, journal } = run(fakes({ name: "parent", port, options: ["grandchild=1"] }), {
    ...quick,
    pausesMs: [60_000],
  });
  await reaches(supervisor, "parent", "ready");
  const helper = markOf(
    Number(
      journal()
        .find((line) => line.includes("grandchild"))
        ?.split(" ")[2],
    ),
  );
  await fetch(`http://127.0.0.1:${port}/die`).catch(() => {});
  expect(await until(() => helper !== undefined && !isAlive(helper), 5_000)).toBe(true);
});

test("a task runs to its end once, is tried again when it fails, and is skipped when there is nothing to do", async () => {
  const folder = temporaryFolder();
  const shell = (script: string) => () => ({
    command: "/bin/sh",
    args: ["-c", script],
    cwd: folder,
    env: { PATH: "/bin:/usr/bin" },
  });
  let done = 0;
  const { supervisor } = run(() => [
    {
      kind: "task",
      name: "third-time",
      title: "third-time",
      dependsOn: [],
      launch: shell("echo x >> tries; test $(wc -l < tries) -ge 3"),
      timeoutMs: 5_000,
      onDone: () => {
        done += 1;
      },
    },
    {
      kind: "task",
      name: "unchanged",
      title: "unchanged",
      dependsOn: ["third-time"],
      launch: shell("echo ran > must-not-run"),
      timeoutMs: 5_000,
      skip: () => true,
    },
    { kind: "task", name: "endless", title: "endless", dependsOn: [], launch: shell("sleep 100"), timeoutMs: 200 },
  ]);
  expect(await reaches(supervisor, "unchanged", "done")).toBe(true);
  expect(readFileSync(`${folder}/tries`, "utf8")).toBe("x\nx\nx\n");
  expect(done).toBe(1);
  expect(() => readFileSync(`${folder}/must-not-run`)).toThrow();
  expect(await until(() => stateOf(supervisor, "endless").restarts >= 1, 5_000)).toBe(true);
});

test("stop during the start leaves nothing behind", async () => {
  for (const delay of [0, 5, 20, 60, 120]) {
    const port = await freePort();
    const { supervisor, paths } = run(fakes({ name: "young", port }));
    await new Promise((wake) => setTimeout(wake, delay));
    const pid = stateOf(supervisor, "young").pid;
    const mark = pid === undefined ? undefined : markOf(pid);
    await supervisor.stop();
    expect(mark === undefined || !isAlive(mark)).toBe(true);
    expect(() => readFileSync(`${paths.children}/young.json`)).toThrow();
  }
});

test("a step inside the supervisor is tried again with its reason shown", async () => {
  let calls = 0;
  const { supervisor } = run(() => [
    {
      kind: "step",
      name: "roles",
      title: "roles",
      dependsOn: [],
      run: async () => {
        calls += 1;
        if (calls < 7) throw new Error(`no right, call ${calls}`);
      },
    },
  ]);
  expect(await reaches(supervisor, "roles", "failing")).toBe(true);
  expect(stateOf(supervisor, "roles").detail).toMatch(/no right, call \d/);
  expect(await reaches(supervisor, "roles", "done")).toBe(true);
});
