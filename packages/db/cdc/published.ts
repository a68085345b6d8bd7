/** A table whose rows travel to the warehouse, and why. Whole tables only: what must stay here lies in a table of its own. */
export type Published = { table: string; purpose: string };

/** Names of columns that may not exist in any published table: they hold names, numbers or free text about people. */
export const forbiddenColumns = [
  "name",
  "pinyin",
  "initials",
  "student_no",
  "phone",
  "phone_enc",
  "phone_mask",
  "id_number",
  "id_number_enc",
  "id_number_mask",
  "id_number_hmac",
  "email",
  "mail_enc",
  "mail_mask",
  "address",
  "body",
  "minutes",
  "agenda",
  "place",
  "reason",
  "note",
  "file_name",
  "cells",
];
