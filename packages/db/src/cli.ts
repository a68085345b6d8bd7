import { readSettings } from "@xianfeng/env";
import { migrate } from "./migrate.ts";

const command = process.argv[2];
if (command !== "migrate") {
  process.stderr.write(
    "usage: node packages/db/src/cli.ts migrate [--only=name,name]\n(data: node packages/seed/src/cli.ts demo|empty|college)\n",
  );
  process.exit(2);
}
const only = process.argv
  .find((word) => word.startsWith("--only="))
  ?.slice("--only=".length)
  .split(",");
const applied = await migrate(readSettings(["OWNER_DATABASE_URL"]).OWNER_DATABASE_URL, only);
process.stdout.write(
  applied.length === 0 ? "数据库已是最新 (up to date)\n" : `已应用 (applied): ${applied.join(", ")}\n`,
  // The engine leaves a timer behind that would keep the finished process for ten seconds.
  () => process.exit(0),
);
