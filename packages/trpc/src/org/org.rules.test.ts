import { describe, expect, it } from "vitest";
import { isBranch, kindsBelow, mergeProblem, moveProblem, orgKinds } from "./org.rules.ts";

describe("kindsBelow", () => {
  it("lets nothing stand below a branch", () => {
    for (const kind of orgKinds.filter(isBranch)) expect(kindsBelow(kind)).toEqual([]);
  });
  it("lets no committee stand below a general branch", () => {
    expect(kindsBelow("general_branch")).not.toContain("committee");
    expect(kindsBelow("committee")).toContain("general_branch");
  });
});

describe("moveProblem", () => {
  const committee = { id: 1, parentId: null, kind: "committee", path: "/1/" };
  const general = { id: 2, parentId: 1, kind: "general_branch", path: "/1/2/" };
  const branch = { id: 12, parentId: 2, kind: "branch", path: "/1/2/12/" };
  it("lets a branch go to another superior of a fitting kind", () => {
    expect(moveProblem(branch, committee)).toBeNull();
  });
  it.each([
    ["the root", committee, general, "最上级"],
    ["below itself", general, branch, "下级"],
    ["onto itself", general, general, "下级"],
    ["where it already is", branch, general, "现在就"],
    ["below a branch", branch, { ...branch, id: 13, path: "/1/2/13/" }, "不能设它"],
  ])("refuses %s", (_, org, to, words) => {
    expect(moveProblem(org, to)).toContain(words);
  });
  it("is not fooled by an id that begins alike", () => {
    expect(
      moveProblem({ ...general, id: 1, path: "/1/1/", parentId: 9 }, { ...committee, id: 12, path: "/1/12/" }),
    ).toBeNull();
  });
});

describe("mergeProblem", () => {
  const branch = { id: 1, kind: "branch" };
  const clear = { livingBelow: 0, openMeetings: 0 };
  it("lets two branches merge", () => expect(mergeProblem(branch, { id: 2, kind: "joint_branch" }, clear)).toBeNull());
  it("refuses itself, a committee, living subordinates, a meeting under way", () => {
    expect(mergeProblem(branch, branch, clear)).toContain("自己");
    expect(mergeProblem(branch, { id: 2, kind: "committee" }, clear)).toContain("党支部之间");
    expect(mergeProblem(branch, { id: 2, kind: "branch" }, { ...clear, livingBelow: 1 })).toContain("下级");
    expect(mergeProblem(branch, { id: 2, kind: "branch" }, { ...clear, openMeetings: 2 })).toContain("2个");
  });
});
