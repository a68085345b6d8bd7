import "@xianfeng/ui/fonts.css";
import "@xianfeng/ui/theme.css";
import "@xianfeng/ui/tokens.css";
import "@xianfeng/ui/charts.css";
import "./styles/frame.css";
import "./styles/parts.css";
import "./styles/pages.css";
import { nonceContext } from "@xianfeng/insights/context";
import { type Language, LanguageProvider } from "@xianfeng/ui/messages";
import { Links, Meta, Outlet, Scripts, ScrollRestoration, useRouteLoaderData } from "react-router";
import type { Route } from "./+types/root.ts";
import { ErrorState } from "./components/states.tsx";
import { pageLanguage } from "./lib/language.ts";

export const meta: Route.MetaFunction = ({ loaderData }) => [
  { title: loaderData?.language === "en" ? "Xianfeng Analytics" : "先锋 数据分析" },
  { name: "robots", content: "noindex" },
];

export const links: Route.LinksFunction = () => [{ rel: "icon", href: "/insights/mark.svg", type: "image/svg+xml" }];

export const loader = ({ request, context }: Route.LoaderArgs) => ({
  language: pageLanguage(request.headers.get("cookie")),
  nonce: context.get(nonceContext),
});

// Language and nonce belong to the document; nothing that a page does changes them.
export const shouldRevalidate = () => false;

export function Layout({ children }: { children: React.ReactNode }) {
  const said = useRouteLoaderData<typeof loader>("root");
  const language: Language = said?.language ?? "zh-CN";
  return (
    <html lang={language}>
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <Meta />
        <Links />
      </head>
      <body>
        <LanguageProvider language={language}>{children}</LanguageProvider>
        <ScrollRestoration nonce={said?.nonce} />
        <Scripts nonce={said?.nonce} />
      </body>
    </html>
  );
}

export default function Root() {
  return <Outlet />;
}

export function ErrorBoundary({ error }: Route.ErrorBoundaryProps) {
  return (
    <main className="main">
      <ErrorState error={error} />
    </main>
  );
}
