import type { StackStatus } from "./state.ts";

/** What a person sees while an app is not up: that it is coming, and that nothing is lost. It asks again by itself. */
export function waitingPage(status: StackStatus | undefined): string {
  const starting = !status || status.state === "starting";
  const title = starting ? "系统正在启动" : "系统暂时无法访问";
  const advice = starting
    ? "请稍候，启动完成后本页会自动打开。"
    : "系统正在自动恢复，已保存的内容不受影响。如超过五分钟仍未恢复，请联系管理员。";
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="4">
<title>${title} · 先锋</title>
<style>
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #f7f5f2; color: #1f1f1f;
    font: 16px/1.75 "Noto Sans SC Variable", "PingFang SC", "Microsoft YaHei", sans-serif; }
  main { max-width: 30rem; padding: 2rem; border-top: 3px solid #c7000b; background: #fff; }
  h1 { margin: 0 0 .5rem; font-size: 1.25rem; }
  p { margin: 0; color: #595959; }
</style>
</head>
<body>
<main role="status">
<h1>${title}</h1>
<p>${advice}</p>
<p lang="en">${starting ? "Starting. This page opens by itself." : "Recovering. Saved work is safe. This page opens by itself."}</p>
</main>
</body>
</html>
`;
}
