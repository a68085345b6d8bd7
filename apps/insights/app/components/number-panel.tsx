import { useWords } from "@xianfeng/ui/messages";
import type { ReactNode } from "react";
import { definitions, type Figure, figureMembers } from "../definitions.ts";
import { panelWords } from "../messages/panel.ts";
import { CloseButton, Dialog } from "./side-panel.tsx";

export type Part = { value: string; unit: string; words: string };

export type NumberPanelProps = {
  figure: Figure;
  /** Whose number it is. */
  subject: string;
  top: string;
  value: string;
  unit?: string;
  /** The equation: two parts with the sign between them. */
  parts: [Part, string, Part] | null;
  rows: ReactNode;
  time: ReactNode;
  /** Names for administrators: mart, formula, digest. */
  technical: [string, string][];
  foot?: ReactNode;
  onClose: () => void;
};

/** 这个数字从哪里来. The order is that of the questions people ask. */
export function NumberPanel(props: NumberPanelProps) {
  const words = useWords(panelWords);
  const definition = useWords(definitions)[props.figure];
  return (
    <Dialog className="number-panel" label={words.title} onClose={props.onClose}>
      <header>
        <div>
          <p>{words.title}</p>
          <h2>
            {definition.title}　{props.subject}
          </h2>
        </div>
        <CloseButton onClose={props.onClose} />
      </header>
      <div className="body">
        <Equation {...props} />
        <Section title={words.what}>
          <p>{definition.what(props.top)}</p>
          <p>{definition.formula}</p>
          <p className="mut">{words.unitAndBlank(definition.unit, definition.blank)}</p>
        </Section>
        <Section title={words.rows}>{props.rows}</Section>
        <Section title={words.time}>{props.time}</Section>
        <Section title={words.basis}>
          <p>{definition.basis}</p>
        </Section>
        <Section title={words.technical}>
          <p className="mut codes">
            {words.members}{" "}
            {figureMembers[props.figure].map((member) => (
              <code key={member}>{member}</code>
            ))}
            {props.technical.map(([name, value]) => (
              <span key={name}>
                {name} <code>{value}</code>
              </span>
            ))}
          </p>
        </Section>
      </div>
      {props.foot && <footer>{props.foot}</footer>}
    </Dialog>
  );
}

function Equation({ value, unit, parts }: NumberPanelProps) {
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
