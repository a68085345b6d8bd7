import { shellWords } from "@xianfeng/ui/messages/shell";
import Link from "next/link";
import { pageLanguage } from "@/lib/language.ts";

export default async function NotFound() {
  const words = shellWords[await pageLanguage()];
  return (
    <main className="lone-page">
      <h1>{words.notFoundTitle}</h1>
      <p>{words.notFoundHow}</p>
      <Link href="/">{words.toWorkbench}</Link>
    </main>
  );
}
