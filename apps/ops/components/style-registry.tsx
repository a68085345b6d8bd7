"use client";

import { createCache, extractStyle, StyleProvider } from "@ant-design/cssinjs";
import { useServerInsertedHTML } from "next/navigation";
import { type ReactNode, useRef, useState } from "react";

/** Writes the styles of antd that a page uses into its HTML, so that nothing flashes before the scripts run. */
export function StyleRegistry({ nonce, children }: { nonce: string; children: ReactNode }) {
  const [cache] = useState(() => createCache());
  const written = useRef("");
  useServerInsertedHTML(() => {
    const css = extractStyle(cache, { plain: true, once: true });
    if (css.includes('.data-ant-cssinjs-cache-path{content:"";}') || css === written.current) return null;
    written.current = css;
    return (
      <style nonce={nonce} data-rc-order="prepend" data-rc-priority="-1000" dangerouslySetInnerHTML={{ __html: css }} />
    );
  });
  return <StyleProvider cache={cache}>{children}</StyleProvider>;
}
