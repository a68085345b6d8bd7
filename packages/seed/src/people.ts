import { pinyin } from "pinyin-pro";
import type { Random } from "./random.ts";

const surnames =
  "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文单䶮";
const given =
  "安邦博超晨诚川达丹东恩帆菲峰刚光国海涵浩和宏华慧佳建健洁杰静军俊凯可兰乐磊莉力丽林玲龙璐曼梅美敏明宁鹏平琪倩强青清庆然蓉锐瑞若森珊爽思松涛婷彤薇维伟文希霞翔晓欣新鑫旭雪雅妍燕扬洋怡颖永勇宇雨玉媛悦泽哲振正志智卓子梓㛃𬱖";
const surnameList = [...surnames];
const givenList = [...given];

/** A name that nobody was asked for: surname and one or two characters, rare ones included. */
export function inventName(random: Random): string {
  const tail = random.chance(0.75) ? random.pick(givenList) + random.pick(givenList) : random.pick(givenList);
  return random.pick(surnameList) + tail;
}

/** Full pinyin and initials, written once so that lists can search them. */
export function spell(name: string): { pinyin: string; initials: string } {
  const syllables = pinyin(name, { toneType: "none", type: "array", surname: "head" });
  return {
    pinyin: syllables.join("").toLowerCase(),
    initials: syllables
      .map((syllable) => syllable[0] ?? "")
      .join("")
      .toLowerCase(),
  };
}

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** Check digit of an ID number (GB 11643). */
export function checkDigit(first17: string): string {
  const sum = [...first17].reduce((total, digit, index) => total + Number(digit) * (weights[index] ?? 0), 0);
  return "10X98765432"[sum % 11] ?? "";
}

/** A number in the unassigned region 990000: valid in form, belonging to nobody. `serial` keeps numbers apart, its last digit tells the sex. */
export function inventIdNumber(birthDay: string, serial: number, sex: "male" | "female"): string {
  const order = (serial % 500) * 2 + (sex === "male" ? 1 : 0);
  const region = 990_000 + Math.floor(serial / 500);
  const first17 = `${region}${birthDay.replaceAll("-", "")}${String(order).padStart(3, "0")}`;
  return first17 + checkDigit(first17);
}

/** A number in the unassigned segment 140. */
export const inventPhone = (serial: number): string => `1400000${String(serial % 10_000).padStart(4, "0")}`;
