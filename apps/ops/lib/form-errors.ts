"use client";

import { App, type FormInstance } from "antd";
import { codeOf } from "./trpc.tsx";

/** Puts the server's words beside the fields they are about; what belongs to no field is said above the page. */
export function useFormErrors() {
  const { message } = App.useApp();
  return (error: unknown, form?: FormInstance) => {
    const data = error && typeof error === "object" && "data" in error ? error.data : null;
    const fields = data && typeof data === "object" && "fields" in data ? data.fields : null;
    const known = form && fields && typeof fields === "object" ? Object.entries(fields) : [];
    const shown = known.filter(
      ([name]) => form?.getFieldInstance(name) !== undefined || name in (form?.getFieldsValue(true) ?? {}),
    );
    if (form && shown.length > 0) {
      form.setFields(shown.map(([name, text]) => ({ name, errors: [String(text)] })));
      const [first] = shown;
      if (first) form.scrollToField(first[0], { block: "center" });
      return;
    }
    const code = codeOf(error);
    const text = error instanceof Error ? error.message : "";
    message.error(code && /稍后再试/.test(text) ? `${text}（${code}）` : text);
  };
}
