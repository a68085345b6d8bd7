"use client";

import { Icon } from "@xianfeng/ui/icon";
import { domainWords, memberWords, useWords } from "@xianfeng/ui/messages";
import Link from "next/link";
import { useState } from "react";
import { useMay } from "@/lib/identity.tsx";
import type { RouterOutputs } from "@/lib/outputs.ts";
import { Reveal, type RevealField } from "./reveal.tsx";

type Row = RouterOutputs["member"]["list"]["rows"][number];

/** Rows of people; on a phone each one is a card. */
export function MemberTable({ rows }: { rows: Row[] }) {
  const words = useWords(memberWords);
  const domain = useWords(domainWords);
  const mayReveal = useMay("member.reveal");
  const [revealed, setRevealed] = useState<{ id: string; name: string; mask: string; field: RevealField } | null>(null);
  return (
    <>
      <table className="list-table">
        <thead>
          <tr>
            <th scope="col">{words.columns.name}</th>
            <th scope="col">{words.columns.sex}</th>
            <th scope="col">{words.columns.idNumber}</th>
            <th scope="col" className="list-less">
              {words.columns.studentNo}
            </th>
            <th scope="col">{words.columns.branch}</th>
            <th scope="col">{words.columns.identity}</th>
            <th scope="col">{words.columns.joinedOn}</th>
            <th scope="col" className="list-act">
              <span className="visually-hidden">{words.columns.open}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td data-title={words.columns.name}>
                <Link href={`/members/${row.id}`} prefetch={false} className="list-name">
                  {row.name}
                </Link>
              </td>
              <td data-title={words.columns.sex}>{row.sex ? domain.sex[row.sex] : "—"}</td>
              <td data-title={words.columns.idNumber} className="list-mask">
                {row.idNumberMask ?? "—"}
                {mayReveal && row.idNumberMask ? (
                  <button
                    type="button"
                    className="eye"
                    aria-label={words.reveal.eye(words.columns.idNumber, row.name)}
                    onClick={() =>
                      setRevealed({ id: row.id, name: row.name, mask: row.idNumberMask ?? "", field: "id_number" })
                    }
                  >
                    <Icon name="eye" size={15} />
                  </button>
                ) : null}
              </td>
              <td data-title={words.columns.studentNo} className="list-less">
                {row.studentNo ?? "—"}
              </td>
              <td data-title={words.columns.branch}>{row.branch?.shortName ?? "—"}</td>
              <td data-title={words.columns.identity}>{row.identity ? domain.identity[row.identity] : "—"}</td>
              <td data-title={words.columns.joinedOn}>{row.joinedOn ?? "—"}</td>
              <td className="list-act">
                <Link href={`/members/${row.id}`} prefetch={false} aria-label={`${words.columns.open} ${row.name}`}>
                  {words.columns.open}
                </Link>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {revealed ? <Reveal {...revealed} onShut={() => setRevealed(null)} /> : null}
    </>
  );
}
