/** What stands where the name of somebody stood whose personal data were erased. */
export const erasedName = "已删除";

/** The name in a private row; without the row the person was erased. */
export const nameOrErased = (row: { name: string } | null | undefined): string => row?.name ?? erasedName;
