"use client";

import { type ReactNode, useId } from "react";

/** A control of a filter row with its name before it. */
export function Field({ title, children }: { title: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="ev-field">
      <label htmlFor={id}>{title}</label>
      {children(id)}
    </div>
  );
}
