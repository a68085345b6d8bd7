"use client";

import { Button, type ButtonProps } from "antd";
import { useRouter } from "next/navigation";

/** A link that looks like a button: a real address, opened inside the app unless the reader asks for another tab. */
export function LinkButton({ href, ...rest }: { href: string } & Omit<ButtonProps, "href" | "onClick">) {
  const router = useRouter();
  return (
    <Button
      {...rest}
      href={href}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        router.push(href);
      }}
    />
  );
}
