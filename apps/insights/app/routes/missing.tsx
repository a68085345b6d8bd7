import { data } from "react-router";

/** Every other address: the same answer for all. */
export function loader(): never {
  throw data({ kind: "not_found", message: "" }, { status: 404 });
}

export default function Missing() {
  return null;
}
