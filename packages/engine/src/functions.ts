/** Table functions that read nothing but their own arguments. Whatever else the engine knows is refused. */
const tableFunctions = new Set(
  [
    ...["numbers", "numbers_mt", "zeros", "zeros_mt", "primes", "generate_series", "generateSeries", "generateRandom"],
    ...["values", "SQLStandardValues", "view", "null", "input", "format"],
  ].map((name) => name.toLowerCase()),
);

/** Not table functions in every place: `SETTINGS disk = disk(…)` makes a disk out of a path or an address. */
const alwaysRefused = ["disk", "executable", "eval", "file", "s3", "url", "remote", "cluster"];

/** Ordinary functions that read files, load models or call other machines. They can also be handed over by their bare name. */
export const isHarmfulFunction = (name: string): boolean =>
  name === "file" || name === "catboostEvaluate" || /^ai[A-Z]/.test(name);

export class FunctionRules {
  readonly #refused: Set<string>;

  /** `known` are all table functions of this engine. */
  constructor(known: readonly string[]) {
    const unknown = known.map((name) => name.toLowerCase()).filter((name) => !tableFunctions.has(name));
    this.#refused = new Set([...unknown, ...alwaysRefused]);
  }

  /** Whether `name(…)` must not be called, as a table function or as an ordinary one. */
  refusesCall(name: string): boolean {
    return this.#refused.has(name.toLowerCase()) || isHarmfulFunction(name);
  }
}

/** Settings that let the data of an INSERT … VALUES hold expressions. Off, except when the endpoint has read the data. */
export const expressionSettings = [
  "input_format_values_interpret_expressions",
  "input_format_values_deduce_templates_of_expressions",
];

/** Settings whose values are SQL. They are taken from the URL only, where the guard reads them. */
export const filterSettings = ["additional_table_filters", "additional_result_filter"];
