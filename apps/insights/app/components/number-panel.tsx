import { meanings } from "virtual:semantic-layer";
import { useLanguage, useWords } from "@xianfeng/ui/messages";
import type { ReactNode } from "react";
import { useNavigate } from "react-router";
import { definitions } from "../definitions.ts";
import { figureMembers, type OpenNumber, readNumber } from "../figures.ts";
import type { Explained, Part } from "../lib/explain.ts";
import { useAddress } from "../lib/panel.ts";
import { panelWords } from "../messages/panel.ts";
import { CloseButton, Dialog } from "./side-panel.tsx";

export type NumberPanelProps = {
  number: Explained;
  top: string;
  time: ReactNode;
  /** Indicators and weights of the scheme by which it was computed. */
  scheme?: string | undefined;
  /** Names for administrators: mart, scheme, digest. */
  technical: readonly (readonly [string, string])[];
  onClose: () => void;
};

/** The open number of a page, kept in its address; `find` tells what it is. Nothing is open when the page does not have it. */
export function OpenedNumber({
  find,
  ...rest
}: Omit<NumberPanelProps, "number" | "onClose"> & { find: (open: OpenNumber) => Explained | null }) {
  const { search, address } = useAddress();
  const navigate = useNavigate();
  const open = readNumber(search);
  const number = open && find(open);
  if (!number) return null;
  return (
    <NumberPanel
      key={`${number.figure}.${number.subject}`}
      number={number}
      {...rest}
      onClose={() => navigate(address({ number: null }), { preventScrollReset: true })}
    />
  );
}

/** 这个数字从哪里来. The order is that of the questions people ask. */
export function NumberPanel({ number, top, scheme, time, technical, onClose }: NumberPanelProps) {
  const words = useWords(panelWords);
  const english = useLanguage() === "en";
  const definition = useWords(definitions)[number.figure];
  const members = figureMembers[number.figure];
  return (
    <Dialog className="number-panel" label={words.title} onClose={onClose}>
      <header>
        <div>
          <p>{words.title}</p>
          <h2>
            {definition.title}　{number.of}
          </h2>
        </div>
        <CloseButton onClose={onClose} />
      </header>
      <div className="body">
        <Equation number={number} />
        <Section title={words.what}>
          <p>{definition.what(top)}</p>
          <p>{definition.formula}</p>
          {scheme && <p>{scheme}</p>}
          <p className="mut">{words.unitAndBlank(definition.unit, definition.blank)}</p>
        </Section>
        <Section title={words.rows}>{number.rows}</Section>
        <Section title={words.time}>{time}</Section>
        <Section title={words.basis}>
          <p>{definition.basis}</p>
        </Section>
        <Section title={words.technical}>
          {members.length === 0 ? (
            <p className="mut">{words.records}</p>
          ) : (
            <dl className="members">
              {members.map((member) => (
                <div key={member}>
                  <dt>
                    <code>{member}</code>
                  </dt>
                  <dd className="mut">{english ? meanings[member]?.en : meanings[member]?.zh}</dd>
                </div>
              ))}
            </dl>
          )}
          <p className="mut codes">
            {number.within && <code>{number.within}</code>}
            {technical.map(([name, value]) => (
              <span key={name}>
                {name} <code>{value}</code>
              </span>
            ))}
          </p>
        </Section>
      </div>
      {number.foot && <footer>{number.foot}</footer>}
    </Dialog>
  );
}

function Equation({ number: { value, unit, parts } }: { number: Explained }) {
  return (
    <div className="equation">
      <p className="value num">
        {value}
        {unit && <small>{unit}</small>}
      </p>
      {parts && (
        <>
          <span className="op">=</span>
          <EquationPart {...parts[0]} />
          <span className="op">{parts[1]}</span>
          <EquationPart {...parts[2]} />
        </>
      )}
    </div>
  );
}

const EquationPart = ({ value, unit, words }: Part) => (
  <div className="part">
    <b className="num">
      {value}
      <small>{unit}</small>
    </b>
    <span>{words}</span>
  </div>
);

const Section = ({ title, children }: { title: string; children: ReactNode }) => (
  <section className="sec">
    <h3>{title}</h3>
    <div>{children}</div>
  </section>
);
