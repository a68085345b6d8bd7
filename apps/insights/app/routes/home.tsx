import { callContext } from "@xianfeng/insights/context";
import { data, redirect } from "react-router";
import type { Route } from "./+types/home.ts";

/** Leads each reader to the first page that he may open. */
export function loader({ context }: Route.LoaderArgs) {
  const start = context.get(callContext).start();
  if (start) return redirect(start);
  throw data(
    { kind: "forbidden", message: "你的账号没有数据分析的权限。如需要，请联系上级党组织管理员" },
    { status: 403 },
  );
}

export default function Home() {
  return null;
}
