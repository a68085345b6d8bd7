import type { Permission } from "@xianfeng/auth";
import { DomainError } from "./error.ts";

/** One way from one state to another: who may, what must hold, in what words it is offered. */
export type Transition<State extends string, Subject> = {
  to: State;
  may: Permission;
  title: string;
  /** Each guard answers null when it holds, else what to do about it. */
  guards: ReadonlyArray<(subject: Subject, now: Date) => string | null>;
};

export type Machine<State extends string, Event extends string, Subject> = Record<
  State,
  Partial<Record<Event, Transition<State, Subject>>>
>;

/** A transition of the table, if the state has it and all guards hold. @throws DomainError naming what stands in the way */
export function transition<State extends string, Event extends string, Subject extends { state: State }>(
  machine: Machine<State, Event, Subject>,
  event: Event,
  subject: Subject,
  now: Date,
): Transition<State, Subject> {
  const found = machine[subject.state][event];
  if (!found)
    throw new DomainError("state", "状态已经变化，请刷新后再操作", `No "${event}" from "${subject.state}"`, {
      current: { state: subject.state },
    });
  const problems = found.guards.map((guard) => guard(subject, now)).filter((problem) => problem !== null);
  if (problems.length > 0) throw new DomainError("state", problems.join("；"), `"${event}" is not possible yet`);
  return found;
}

/** The events that the table offers in a state, with their titles: what a screen draws as buttons. */
export const offered = <State extends string, Event extends string, Subject>(
  machine: Machine<State, Event, Subject>,
  state: State,
): Event[] => Object.keys(machine[state]) as Event[];
