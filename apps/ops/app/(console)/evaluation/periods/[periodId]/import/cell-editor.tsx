"use client";

import { type ImportColumn, importLengths } from "@xianfeng/trpc/evaluation/schema";
import { Icon } from "@xianfeng/ui/icon";
import { useWords } from "@xianfeng/ui/messages";
import { Input } from "antd";
import { useRef, useState } from "react";
import { evaluationWords } from "../../../words.ts";

/** One cell of a row. Shown as text; a click or Enter makes it a field, Enter or leaving it saves, Escape leaves it as it was. */
export function CellEditor({
  column,
  value,
  faulty,
  disabled,
  onSave,
}: {
  column: ImportColumn;
  value: string;
  faulty: boolean;
  disabled: boolean;
  onSave: (value: string) => void;
}) {
  const words = useWords(evaluationWords).import;
  const [typed, setTyped] = useState<string | null>(null);
  // Whoever works by keyboard finds himself on the cell again that he just left.
  const left = useRef(false);
  if (typed === null)
    return (
      <button
        ref={(button) => {
          if (left.current) button?.focus();
          left.current = false;
        }}
        type="button"
        disabled={disabled}
        className={faulty ? "ev-cell ev-cell-faulty" : "ev-cell"}
        aria-invalid={faulty || undefined}
        aria-label={words.edit(words.column[column], value || words.unfilled)}
        onClick={() => setTyped(value)}
      >
        {value ? <span>{value}</span> : <em>{words.unfilled}</em>}
        <Icon name="edit" size={14} />
      </button>
    );
  const finish = (save: boolean, byKey: boolean) => {
    left.current = byKey;
    setTyped(null);
    if (save && typed.trim() !== value) onSave(typed.trim());
  };
  return (
    <Input
      autoFocus
      className="ev-cell-input"
      aria-label={words.column[column]}
      maxLength={importLengths[column]}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={() => finish(true, false)}
      onKeyDown={(event) => {
        // Enter that ends the composition of a character is not ours.
        if (event.nativeEvent.isComposing) return;
        if (event.key !== "Enter" && event.key !== "Escape") return;
        // The key must not go on to the button that gets the focus now.
        event.preventDefault();
        finish(event.key === "Enter", true);
      }}
    />
  );
}
