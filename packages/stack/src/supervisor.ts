import { startGuard } from "./guard.ts";
import { openLogFile } from "./log-file.ts";
import { type Part, startPart } from "./part.ts";
import type { Account } from "./postgres-place.ts";
import { forgetChild, type Paths, recordChild } from "./state.ts";

/** How to start a process. It gets exactly this environment, nothing of ours. */
export type Launch = {
  command: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
  account?: Account;
};

/** Answers undefined when all is well, else what is wrong in words for a person. */
export type Probe = () => Promise<string | undefined>;

type Common = {
  name: string;
  title: string;
  /** Names of the parts that must be ready first. */
  dependsOn: string[];
};

/** Runs for ever. */
export type ServiceSpec = Common & {
  kind: "service";
  launch: () => Launch | Promise<Launch>;
  probe: Probe;
  readyTimeoutMs?: number;
  stopSignal?: "SIGTERM" | "SIGINT";
  stopTimeoutMs?: number;
  /** A server whose workers end with it, and which must be asked alone. */
  alone?: boolean;
};
/** Runs to its end, once for each start. */
export type TaskSpec = Common & {
  kind: "task";
  launch: () => Launch | Promise<Launch>;
  timeoutMs: number;
  /** Whether there is nothing to do. */
  skip?: () => boolean | Promise<boolean>;
  onDone?: () => void;
};
/** A step inside the supervisor. */
export type StepSpec = Common & { kind: "step"; run: () => Promise<void> };
/** Runs elsewhere; only watched. */
export type ExternalSpec = Common & { kind: "external"; probe: Probe };

/** A part of the platform, as data. */
export type PartSpec = ServiceSpec | TaskSpec | StepSpec | ExternalSpec;

export type PartState =
  | "waiting"
  | "starting"
  | "ready"
  | "done"
  /** Runs, but its probe says no. */
  | "unready"
  /** Died, comes back after a pause. */
  | "restarting"
  /** Keeps dying; still tried, at the longest pause. */
  | "failing"
  | "stopping"
  | "stopped";

export type PartStatus = {
  name: string;
  title: string;
  kind: PartSpec["kind"];
  dependsOn: string[];
  state: PartState;
  since: string;
  pid?: number;
  restarts: number;
  detail?: string;
  lastLines?: string[];
};

export type Policy = {
  /** Pauses before the first, second … restart in a row; the last one repeats. */
  pausesMs: number[];
  /** So many deaths within the window make a part failing. */
  deaths: number;
  windowMs: number;
  probeEveryMs: number;
};

const usual: Policy = {
  pausesMs: [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000],
  deaths: 5,
  windowMs: 60_000,
  probeEveryMs: 3_000,
};

export type Supervisor = {
  status(): PartStatus[];
  /** Stops everything, dependants first. Repeated calls wait for the same stop. */
  stop(): Promise<void>;
};

export type SupervisorOptions = {
  parts: PartSpec[];
  paths: Paths;
  /** After every change of a state. */
  onChange: (part: PartStatus, all: PartStatus[]) => void;
  policy?: Partial<Policy>;
};

/** Starts the parts, each as soon as what it needs is ready, and keeps them running until `stop`. */
export function supervise({ parts: specs, paths, onChange, policy }: SupervisorOptions): Supervisor {
  checkGraph(specs);
  const guard = startGuard();
  const parts = new Map<string, Part>();
  const status = () => [...parts.values()].map((part) => part.status());

  const stopOrder = layers(specs).reverse();
  const updateGuard = () => guard.set(stopOrder.flat().flatMap((spec) => parts.get(spec.name)?.guarded() ?? []));

  for (const spec of specs) {
    const log = openLogFile(`${paths.logs}/${spec.name}.log`);
    const part = startPart(spec, {
      policy: { ...usual, ...policy },
      log,
      dependencies: () => Promise.all(spec.dependsOn.map((name) => parts.get(name)?.ready)),
      onProcess: (record) => {
        if (record) recordChild(paths, record);
        else forgetChild(paths, spec.name);
        updateGuard();
      },
      onChange: (change) => onChange(change, status()),
    });
    parts.set(spec.name, part);
  }
  for (const part of parts.values()) part.begin();

  let stopping: Promise<void> | undefined;
  async function stopAll() {
    for (const part of parts.values()) part.noMoreRestarts();
    for (const layer of stopOrder) await Promise.all(layer.map((spec) => parts.get(spec.name)?.stop()));
    guard.close();
  }
  return {
    status,
    stop: () => {
      stopping ??= stopAll();
      return stopping;
    },
  };
}

/** Parts in layers: each layer needs only earlier ones. */
function layers(specs: PartSpec[]): PartSpec[][] {
  const depth = new Map<string, number>();
  const byName = new Map(specs.map((spec) => [spec.name, spec]));
  const depthOf = (spec: PartSpec): number => {
    const known = depth.get(spec.name);
    if (known !== undefined) return known;
    const below = spec.dependsOn.flatMap((name) => byName.get(name) ?? []).map(depthOf);
    const own = below.length === 0 ? 0 : Math.max(...below) + 1;
    depth.set(spec.name, own);
    return own;
  };
  const found: PartSpec[][] = [];
  for (const spec of specs) {
    const at = depthOf(spec);
    found[at] = [...(found[at] ?? []), spec];
  }
  return found;
}

function checkGraph(specs: PartSpec[]): void {
  const earlier = new Set<string>();
  for (const spec of specs) {
    for (const name of spec.dependsOn)
      if (!earlier.has(name)) throw new Error(`${spec.name} depends on ${name}, which is not listed before it`);
    earlier.add(spec.name);
  }
}
