import { Hydrated, prefetch, serverTrpc } from "@/lib/prefetch.tsx";
import { pageIdentity } from "@/lib/server.ts";
import { Workbench } from "./workbench.tsx";

export default async function WorkbenchPage() {
  const identity = await pageIdentity();
  await prefetch(serverTrpc.workbench.get.queryOptions());
  if (identity) await prefetch(serverTrpc.workbench.dutyGrid.queryOptions({ orgId: identity.orgId }));
  return (
    <Hydrated>
      <Workbench />
    </Hydrated>
  );
}
