import { setImmediate } from "node:timers/promises";
import { SaxesParser } from "saxes";

type Attributes = Record<string, string>;
export type XmlHandler = {
  open?: (name: string, attributes: Attributes) => void;
  text?: (text: string) => void;
  close?: (name: string) => void;
};

/** Thrown by a handler that has read enough. */
export const enough = new Error("read enough");

const slice = 65_536;
const local = (name: string) => name.slice(name.indexOf(":") + 1);

/**
 * Reads one XML part of a workbook as UTF-8, names without their prefix. Between slices other requests get their turn.
 * @throws Error for anything not well-formed, and for every document type: entities are not followed (IA33)
 */
export async function readXml(bytes: Uint8Array, handler: XmlHandler): Promise<void> {
  const parser = new SaxesParser({ position: false });
  const decoder = new TextDecoder("utf-8", { fatal: true });
  parser.on("doctype", () => {
    throw new Error("document type declared");
  });
  parser.on("opentag", (tag) => handler.open?.(local(tag.name), tag.attributes as Attributes));
  parser.on("text", (text) => handler.text?.(text));
  parser.on("cdata", (text) => handler.text?.(text));
  parser.on("closetag", (tag) => handler.close?.(local(tag.name)));
  try {
    for (let at = 0; at < bytes.byteLength; at += slice) {
      // A character of several bytes may lie across two slices: the decoder keeps its first half.
      parser.write(decoder.decode(bytes.subarray(at, at + slice), { stream: true }));
      await setImmediate();
    }
    parser.write(decoder.decode());
    parser.close();
  } catch (error) {
    if (error !== enough) throw error;
  }
}
