import { migrate } from "@xianfeng/db/migrate";
import { createTestDatabase } from "@xianfeng/stack/testing";

/** Migrates one database for the whole run; each test file gets a copy of it in a tenth of a second. */
export default async function setup(): Promise<() => Promise<void>> {
  const template = await createTestDatabase();
  await migrate(template.owner);
  process.env.XF_TEST_TEMPLATE = template.name;
  return () => template.drop();
}
