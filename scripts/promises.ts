/**
 * What the platform promises about records and figures. A test that proves a promise has its number at the beginning of its name
 * (`G12: …`, `FA20: …`, several with commas); docs/reliability.md is made from both.
 */
export const promises: Record<string, string> = {
  G1: "A place of the log is confirmed only after ClickHouse has everything before it",
  G2: "At rest the landing tables equal PostgreSQL, row by row, deletions included",
  G3: "The order of changes of a key is kept, inside a transaction too; what comes again never wins",
  G4: "A first copy fits the place where reading begins, lies below it, and can be cut off",
  G5: "Memory is bounded: the reader pauses, and a transaction may be larger than memory",
  G6: "No gap in silence: what cannot be made whole stops the stream, with the text that mends it",
  G7: "No value is left out because it was stored out of line; what could be is refused",
  G8: "A change of a table's shape arrives with the first row that has it, or is refused with the column's name",
  G9: "A changed key is a deletion and an insertion; TRUNCATE arrives",
  G10: "Every type arrives exactly, rare characters too",
  G11: "A row that ClickHouse refuses is set aside, counted and shown; the others land",
  G12: "One reader for the slot; it is handed over without loss; who has lost it writes nothing more",
  G13: "A quiet database does not keep the log from being forgotten",
  G14: "A table that is published later arrives whole while the others flow",
  G15: "A lost slot is recovered into fresh tables; what was deleted meanwhile does not come back",
  G16: "After a restore older versions cannot win",
  G17: "Nobody else writes the landing tables, and an old batch wins nowhere",
  FA01: "The stream is killed at any point",
  FA02: "PostgreSQL dies inside a large transaction",
  FA03: "PostgreSQL dies right after a place was confirmed",
  FA04: "The slot is dropped while the stream is down",
  FA05: "The log outgrows what PostgreSQL keeps for the slot",
  FA06: "A table is published while a writer is open",
  FA07: "A transaction of a million rows",
  FA08: "A column is added between rows",
  FA09: "A column is dropped between rows",
  FA10: "A column is renamed or gets another type",
  FA11: "A published column could be stored out of line",
  FA12: "A primary key changes",
  FA13: "TRUNCATE",
  FA14: "ClickHouse is away at full load",
  FA15: "The answer is lost after an insert was applied",
  FA16: "ClickHouse's disk is full",
  FA17: "An insert fails half-way",
  FA18: "One bad row in ten thousand",
  FA19: "Two streams are started",
  FA20: "The reader freezes for longer than its lock",
  FA21: "A quiet database beside a busy one",
  FA22: "The clock jumps",
  FA23: "A refresh of the marts fails half-way",
  FA24: "Somebody reads while marts are replaced",
  FA25: "Cube is killed under load",
  FA26: "Cube's cache is older than the marts",
  FA27: "Everything is killed while a file is imported",
  FA28: "A button is pressed twice on a slow network",
  FA29: "Two decide at once",
  FA30: "Two edit at once",
  FA31: "The browser is closed inside a form",
  FA32: "An attendance noted offline is sent twice",
  FA33: "The sender of mail is killed between sending and noting it",
  FA34: "A role is taken away while a page is open",
};

/**
 * Faults that are proved by the tests of a promise, which do what the fault asks for: a published column that could be stored out of line is
 * what G7 is about, and a bad row among ten thousand what G11 is about.
 */
export const provedBy: Record<string, string> = { FA11: "G7", FA18: "G11" };
