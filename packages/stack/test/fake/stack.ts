// A whole small stack in a process of its own, so that a test can kill it. Usage: node stack.ts <state folder> <json of parts>
import { endLeftovers, makeFolders, pathsIn, releaseLock, takeLock, writeWhole } from "../../src/state.ts";
import { supervise } from "../../src/supervisor.ts";
import { type FakePart, fakeSpec } from "./spec.ts";

const [folder = "", parts = "[]"] = process.argv.slice(2);
const paths = pathsIn(folder);
makeFolders(paths);
if (takeLock(paths)) process.exit(9);
const left = await endLeftovers(paths);
writeWhole(`${folder}/left.json`, JSON.stringify(left));
const supervisor = supervise({
  parts: (JSON.parse(parts) as FakePart[]).map((part) => fakeSpec(part, `${folder}/journal`)),
  paths,
  onChange: (_part, all) => writeWhole(paths.status, JSON.stringify({ parts: all })),
  policy: { probeEveryMs: 100 },
});
process.on("SIGTERM", async () => {
  await supervisor.stop();
  releaseLock(paths);
  process.exit(0);
});
