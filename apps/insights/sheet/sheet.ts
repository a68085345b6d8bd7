/** One table for 看表格 and the CSV file: the same rows as the picture. */
export type Sheet = { title: string; head: string[]; rows: (string | number | null)[][] };
