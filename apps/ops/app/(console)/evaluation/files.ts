/** Hands a file that the browser made to its reader. */
export function saveFile(name: string, parts: BlobPart[], type: string): void {
  const address = URL.createObjectURL(new Blob(parts, { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The download has started from its own copy of the address.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** CSV that Excel reads as UTF-8. */
export const saveCsv = (name: string, text: string): void =>
  saveFile(name, ["\uFEFF", text, "\r\n"], "text/csv;charset=utf-8");

export const saveWorkbook = (name: string, base64: string): void =>
  saveFile(
    name,
    [Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))],
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  );

/** What is in a file, as Base64. @throws Error when the browser cannot read it any more */
export const readBase64 = (file: File): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ""));
    reader.onerror = () => reject(new Error("unreadable"));
    reader.readAsDataURL(file);
  });
