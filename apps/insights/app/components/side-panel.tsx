import { Icon } from "@xianfeng/ui/icon";
import { useWords } from "@xianfeng/ui/messages";
import { type ReactNode, useLayoutEffect, useRef } from "react";
import { frameWords } from "../messages/frame.ts";

/** A modal dialog of the browser's own: focus stays inside, Esc closes, what lies behind is out of reach. */
export function Dialog({
  className,
  label,
  onClose,
  children,
}: {
  className: string;
  label: string;
  onClose: () => void;
  children: ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Closed while it is still in the page: then the browser gives the focus back to where it was.
  useLayoutEffect(() => {
    const shown = dialog.current;
    if (shown && !shown.open) shown.showModal();
    return () => shown?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc closes by the dialog's own cancel event
    <dialog
      ref={dialog}
      className={className}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      {children}
    </dialog>
  );
}

export function CloseButton({ onClose }: { onClose: () => void }) {
  const words = useWords(frameWords);
  return (
    <button type="button" className="icon-btn" onClick={onClose} aria-label={words.close} title={words.close}>
      <Icon name="close" size={18} />
    </button>
  );
}
