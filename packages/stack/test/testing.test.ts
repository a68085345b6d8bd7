import { Client } from "pg";
import { expect, test } from "vitest";
import { createTestDatabase } from "../src/testing.ts";

async function ask<Row extends object>(url: string, text: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

test("the shared server gives each test file a database of its own, seen by each role", async () => {
  const one = await createTestDatabase();
  await ask(one.owner, "create table meeting (id int primary key); insert into meeting values (1)");
  const copy = await createTestDatabase({ template: one.name });
  await ask(one.owner, "insert into meeting values (2)");

  expect(await ask(one.owner, "select count(*)::int as n from meeting")).toEqual([{ n: 2 }]);
  expect(await ask(copy.owner, "select count(*)::int as n from meeting")).toEqual([{ n: 1 }]);
  expect(await ask(one.app, "select current_user as who, current_setting('wal_level') as level")).toEqual([
    { who: "xf_app", level: "logical" },
  ]);
  await expect(ask(one.app, "select * from meeting")).rejects.toMatchObject({ code: "42501" });

  await copy.drop();
  await one.drop();
});

test("dropping a database takes a forgotten replication slot with it", async () => {
  const { drop, stream, admin, name } = await createTestDatabase();
  await ask(stream, `select pg_create_logical_replication_slot('${name}_slot', 'pgoutput')`);
  await drop();
  const left = await ask(
    admin.replace(`/${name}`, "/postgres"),
    `select slot_name from pg_replication_slots where slot_name = '${name}_slot'`,
  );
  expect(left).toEqual([]);
});

test("the roles have exactly the rights that the product needs", async () => {
  const { drop, admin } = await createTestDatabase();
  const rows = await ask(
    admin,
    "select rolname, rolsuper, rolbypassrls, rolreplication from pg_roles where rolname like 'xf%' order by 1",
  );
  expect(rows).toEqual([
    { rolname: "xf_app", rolsuper: false, rolbypassrls: false, rolreplication: false },
    { rolname: "xf_owner", rolsuper: false, rolbypassrls: true, rolreplication: true },
    { rolname: "xf_report", rolsuper: false, rolbypassrls: false, rolreplication: false },
    { rolname: "xf_stream", rolsuper: false, rolbypassrls: true, rolreplication: true },
  ]);
  await drop();
});
