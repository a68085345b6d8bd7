import { reactRouter } from "@react-router/dev/vite";
import { defineConfig } from "vite";
import { semanticLayer } from "./semantic/plugin.ts";

export default defineConfig({
  base: "/insights/",
  plugins: [reactRouter(), semanticLayer()],
  build: { assetsInlineLimit: 0 },
  // The server runs from its TypeScript; only the pages are bundled. This one module is shared by both and must exist once.
  environments: { ssr: { build: { rolldownOptions: { external: ["@xianfeng/insights/context"] } } } },
});
