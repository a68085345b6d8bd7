import type { Viewport } from "next";
import type { ReactNode } from "react";
import "./phone.css";

export const viewport: Viewport = { width: "device-width", initialScale: 1, themeColor: "#ffffff" };

/** Frame of the phone pages: one column, no wider than a phone. Pages bring bar and tabs themselves. */
export default function PhoneLayout({ children }: { children: ReactNode }) {
  return <div className="ph">{children}</div>;
}
