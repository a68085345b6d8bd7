"use client";

import { domainWords, longDay, useWords } from "@xianfeng/ui/messages";
import { useToday } from "@/lib/identity.tsx";
import type { MemberData } from "./member.tsx";

const width = 720;
const row = 30;

/** Branches above, identities below, on one true time axis; the red line is today. A list beside it says the same in words. */
export function Course({ facts }: { facts: MemberData["facts"] }) {
  const domain = useWords(domainWords);
  const today = useToday();
  const believed = facts.filter((fact) => fact.supersededAt === null);
  const first = believed.map((fact) => fact.validFrom).sort()[0] ?? today;
  const from = Math.min(Number(first.slice(0, 4)), Number(today.slice(0, 4)) - 1);
  const until = Number(today.slice(0, 4)) + 1;
  const start = Date.UTC(from, 0, 1);
  const x = (day: string) => ((Date.parse(day) - start) / (Date.UTC(until, 0, 1) - start)) * width;
  const step = Math.max(1, Math.ceil((until - from) / 8));
  const years = Array.from({ length: until - from }, (_, at) => from + at).filter((year) => (year - from) % step === 0);
  const name = (fact: MemberData["facts"][number]) =>
    fact.kind === "status" ? (domain.identity[fact.what] ?? fact.what) : fact.what;
  const bars = believed.map((fact) => {
    const left = x(fact.validFrom);
    return { fact, left, size: Math.max(2, Math.min(width, x(fact.validTo ?? today)) - left - 1) };
  });
  return (
    <div className="member-course">
      <svg viewBox={`0 0 ${width} 96`} aria-hidden="true">
        {years.map((year) => (
          <g key={year}>
            <line x1={x(`${year}-01-01`)} x2={x(`${year}-01-01`)} y1={20} y2={90} stroke="var(--split)" />
            <text x={x(`${year}-01-01`)} y={12} fontSize={12} fill="var(--ink3)">
              {year}
            </text>
          </g>
        ))}
        {bars.map(({ fact, left, size }) => (
          <g key={fact.id}>
            <rect
              x={left}
              y={fact.kind === "membership" ? 24 : 24 + row + 4}
              width={size}
              height={row - 4}
              rx={2}
              fill={fact.kind === "membership" ? "#1D4F91" : "#CFDDED"}
              opacity={fact.validTo ? 0.75 : 1}
            />
            {size > name(fact).length * 12.5 + 12 ? (
              <text
                x={left + 8}
                y={(fact.kind === "membership" ? 24 : 24 + row + 4) + 17}
                fontSize={12}
                fill={fact.kind === "membership" ? "#fff" : "#18202B"}
              >
                {name(fact)}
              </text>
            ) : null}
          </g>
        ))}
        <line x1={x(today)} x2={x(today)} y1={20} y2={90} stroke="var(--party)" strokeWidth={2} />
      </svg>
      <ul>
        {[...bars]
          .sort((one, other) => (one.fact.validFrom < other.fact.validFrom ? -1 : 1))
          .map(({ fact }) => (
            <li key={fact.id}>
              <time>{longDay(fact.validFrom)}</time>
              {name(fact)}
            </li>
          ))}
      </ul>
    </div>
  );
}
