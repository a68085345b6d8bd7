import {
  type AlarmCode,
  alarmLines,
  alarmsOf,
  bytes,
  duration,
  type Readings,
  thresholds,
} from "@xianfeng/service/alarms";
import { expect, test } from "vitest";

const GiB = 1024 ** 3;
const calm: Readings = {
  stream: {
    lagBytes: 0,
    lagSeconds: 0,
    setAside: 0,
    slot: "reserved",
    slotSafeBytes: 2 * GiB,
    slotLimitBytes: 2 * GiB,
    slotKeptBytes: 16e6,
  },
  dataDisk: { freeBytes: 100 * GiB, totalBytes: 200 * GiB },
  engineDisk: { freeBytes: 100 * GiB, totalBytes: 200 * GiB },
  marts: { behindSeconds: 1 },
  mail: { overdueSeconds: 0 },
  backup: { ageSeconds: 3_600 },
  sealing: { waitingSeconds: 200 },
};
const stream = (more: Partial<NonNullable<Readings["stream"]>>): Readings => ({
  stream: { lagBytes: 0, setAside: 0, ...more },
});

test("A1: a calm platform alarms nobody, and what nobody could read is judged by nobody", () => {
  expect(alarmsOf(calm)).toEqual([]);
  expect(alarmsOf({})).toEqual([]);
});

test.each<[AlarmCode, "warning" | "broken", Readings, Readings]>([
  [
    "slot_safe",
    "broken",
    stream({ slotSafeBytes: GiB / 2, slotLimitBytes: 2 * GiB }),
    stream({ slotSafeBytes: GiB / 2 + 1, slotLimitBytes: 2 * GiB }),
  ],
  ["slot_lost", "broken", stream({ slot: "lost" }), stream({ slot: "unreserved" })],
  [
    "slot_kept",
    "warning",
    stream({ slotKeptBytes: GiB + 1, slotLimitBytes: 2 * GiB }),
    stream({ slotKeptBytes: GiB, slotLimitBytes: 2 * GiB }),
  ],
  ["slot_kept", "warning", stream({ slotKeptBytes: 5 * GiB + 1 }), stream({ slotKeptBytes: 5 * GiB })],
  [
    "lag_bytes",
    "warning",
    stream({ lagBytes: thresholds.lagBytes.value + 1 }),
    stream({ lagBytes: thresholds.lagBytes.value }),
  ],
  ["lag_seconds", "warning", stream({ lagSeconds: 31 }), stream({ lagSeconds: 30 })],
  ["lag_seconds", "broken", stream({ lagSeconds: 301 }), stream({ lagSeconds: undefined })],
  ["set_aside", "warning", stream({ setAside: 1 }), stream({ setAside: 0 })],
  [
    "data_disk",
    "warning",
    { dataDisk: { freeBytes: 9 * GiB, totalBytes: 100 * GiB } },
    { dataDisk: { freeBytes: 10 * GiB, totalBytes: 100 * GiB } },
  ],
  [
    "data_disk",
    "broken",
    { dataDisk: { freeBytes: GiB - 1, totalBytes: 4 * GiB } },
    { dataDisk: { freeBytes: 5 * GiB, totalBytes: 8 * GiB } },
  ],
  [
    "engine_disk",
    "warning",
    { engineDisk: { freeBytes: 4 * GiB, totalBytes: 8 * GiB } },
    { engineDisk: { freeBytes: 5 * GiB, totalBytes: 8 * GiB } },
  ],
  ["marts_failing", "broken", { marts: { behindSeconds: 0, trouble: "x" } }, { marts: { behindSeconds: 0 } }],
  ["marts_behind", "warning", { marts: { behindSeconds: 61 } }, { marts: { behindSeconds: 60 } }],
  ["marts_behind", "broken", { marts: { behindSeconds: 601 } }, { marts: { behindSeconds: 0 } }],
  ["mail_stuck", "warning", { mail: { overdueSeconds: 901 } }, { mail: { overdueSeconds: 900 } }],
  ["backup_old", "warning", { backup: { ageSeconds: null } }, { backup: { ageSeconds: 26 * 3600 } }],
  ["backup_old", "broken", { backup: { ageSeconds: 8 * 86_400 } }, { backup: { ageSeconds: 0 } }],
  ["sealing_behind", "warning", { sealing: { waitingSeconds: 901 } }, { sealing: { waitingSeconds: 900 } }],
  ["sealing_behind", "broken", { sealing: { waitingSeconds: 3_601 } }, { sealing: { waitingSeconds: 0 } }],
])("A2: %s becomes %s exactly beyond its bound, with words on what to do", (code, level, beyond, within) => {
  expect(alarmsOf({ ...calm, ...beyond })).toEqual([expect.objectContaining({ code, level })]);
  expect(alarmsOf({ ...calm, ...within })).toEqual([]);
  const [alarm] = alarmsOf(beyond);
  expect(alarm?.text).toMatch(/[\u4e00-\u9fff]/);
  expect(alarm?.mend.length).toBeGreaterThan(5);
});

test("A2: the worst comes first, and the metrics say the same", () => {
  const readings: Readings = { ...stream({ lagSeconds: 301, setAside: 2 }), backup: { ageSeconds: null } };
  expect(alarmsOf(readings).map(({ level }) => level)).toEqual(["broken", "warning", "warning"]);
  expect(alarmLines(readings, ["lag_seconds", "set_aside", "slot_lost"]).split("\n").slice(2, 5)).toEqual([
    'xianfeng_alarm{code="lag_seconds"} 2',
    'xianfeng_alarm{code="set_aside"} 1',
    'xianfeng_alarm{code="slot_lost"} 0',
  ]);
});

test("A2: every bound says its unit and why it is where it is", () => {
  for (const { value, why } of Object.values(thresholds)) {
    expect(value).toBeGreaterThan(0);
    expect(why.length).toBeGreaterThan(20);
  }
});

test("A2: sizes and durations read as people say them", () => {
  expect([0, 1023, 5 * 1024 ** 2, 1.5 * GiB, 250 * GiB].map(bytes)).toEqual([
    "0 KB",
    "1.0 KB",
    "5 MB",
    "1.5 GB",
    "250 GB",
  ]);
  expect([0, 59, 61, 372, 1_200, 3_700, 90_000, 864_000].map(duration)).toEqual([
    "0秒",
    "59秒",
    "1分1秒",
    "6分12秒",
    "20分钟",
    "1小时1分",
    "25小时",
    "10天",
  ]);
});
