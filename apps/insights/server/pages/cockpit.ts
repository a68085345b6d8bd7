import { holds } from "@xianfeng/auth";
import { definePage, type First, first } from "./define.ts";

export type CockpitPage = { today: string; orgName: string; wall: First<"wall">; onlyWall: boolean };

export const cockpit = definePage<CockpitPage>({
  permission: "cockpit.read",
  async load({ call, today }) {
    const identity = await call.identity();
    return {
      today,
      orgName: identity?.orgName ?? "",
      wall: await first(call, "wall", {}),
      onlyWall: !holds(call.scope, "ranking.read"),
    };
  },
});
