import { fraction, score } from "@xianfeng/ui/format";
import { useWords } from "@xianfeng/ui/messages";
import type { PersonRow } from "../../server/query/branch-people.ts";
import { useNamed } from "../lib/named.ts";
import { panelWords } from "../messages/panel.ts";

/** The rows behind a branch's share: names where the reader may see them, otherwise counts. */
export function BranchPeople({
  run,
  preview,
  branch,
  indicator,
}: {
  run: string;
  preview: boolean;
  branch: number;
  indicator: string;
}) {
  const words = useWords(panelWords);
  const { answer, trouble } = useNamed<"branch-people" | "preview-people">(
    {
      name: preview ? "preview-people" : "branch-people",
      params: { run, branch: String(branch), indicator },
      answer: null,
    },
    false,
  );
  if (trouble) return <p className="mut">{trouble.kind === "forbidden" ? words.noNames : trouble.message}</p>;
  if (!answer) return <p className="mut">{words.loading}</p>;
  const { people, named } = answer.data;
  if (!named) return <p className="mut">{words.noNames}</p>;
  return (
    <>
      <Group title={words.inTop} people={people.filter((person) => person.inTop)} />
      <Group title={words.others} people={people.filter((person) => !person.inTop && person.rank !== null)} folded />
      <Group title={words.missing} people={people.filter((person) => person.rank === null)} />
    </>
  );
}

function Group({ title, people, folded = false }: { title: string; people: PersonRow[]; folded?: boolean }) {
  const words = useWords(panelWords);
  if (people.length === 0) return null;
  return (
    <details className="people-group" open={!folded}>
      <summary>
        {title} {people.length}
      </summary>
      <ul className="people">
        {people.map((person) => (
          <li key={person.id}>
            {person.name || "—"}
            <span className="mut num">{person.rank === null ? "" : words.nth(person.rank)}</span>
            <span className="end num">{score(fraction(person.num, person.den))}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
