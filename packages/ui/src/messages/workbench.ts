import { area } from "./area.ts";

const monthDay = (day: string) => `${Number(day.slice(5, 7))}月${Number(day.slice(8))}日`;
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const english = (day: string) => `${Number(day.slice(8))} ${months[Number(day.slice(5, 7)) - 1] ?? ""}`;

/** Words of the first page and of the duty grid. */
export const workbenchWords = area(
  {
    summary: (week: number, overdue: number) =>
      week === 0 && overdue === 0
        ? "7天内没有到期的事。"
        : `${[week > 0 ? `7天内有 ${week} 件事到期` : "", overdue > 0 ? `${overdue} 件已逾期` : ""].filter(Boolean).join("，")}。`,
    todayMeeting: (time: string, title: string, place: string) => `今天${time}，${title}${place ? `，${place}` : ""}。`,
    todayMeetings: (n: number) => `今天有 ${n} 个会议。`,
    newMeeting: "新建会议",
    todos: "待办",
    items: (n: number) => `${n}项`,
    groups: { overdue: "已逾期", week: "7天内", later: "以后" } as Record<string, string>,
    kinds: {
      meeting_minutes: "会议",
      meeting_draft: "会议",
      duty: "会议",
      branch: "支部",
    } as Record<string, string>,
    otherKind: "事项",
    nothing: "没有待办",
    nothingHow: "有新的事项时会出现在这里。",
    handle: "去办理",
    look: "查看",
    hold: (kind: string, period: string) => `召开${period}${kind}`,
    holdHow: (due: string) => `应在${due}前召开`,
    makeUpHow: (due: string) => `应在${due}前召开，请补开并说明`,
    behind: (org: string) => `${org}有应开未开的会议`,
    behindHow: (n: number) => `今年共${n}次`,
    left: (days: number) => (days === 0 ? "今天到期" : `还有${days}天`),
    late: (days: number) => `逾期${days}天`,
    meetings: "近期会议",
    noMeetings: "两周内没有已发布的会议。",
    overview: "概况",
    overviewOf: {
      member: "党员",
      activist: "入党积极分子",
      development_target: "发展对象",
      applicant: "入党申请人",
    } as Record<string, string>,
    membersOf: (full: number, probationary: number) => `党员，正式${full}、预备${probationary}`,
    people: "名",
    toMembers: "党员信息",
    period: (key: string) => {
      const quarter = /^(\d{4})-Q(\d)$/.exec(key);
      return quarter ? `第${quarter[2]}季度` : `${Number(key.slice(5))}月`;
    },
    gridTitle: "组织生活",
    gridOf: (year: number) => `${year}年，按规定应开的会议`,
    monthly: "每月",
    quarterly: "每季度",
    noDuties: "这一年没有应办事项的记录。",
    grid: {
      caption: "组织生活完成情况",
      month: (month: number) => `${month}月`,
      day: (day: string, span: number) => (span > 1 ? monthDay(day) : `${Number(day.slice(8))}日`),
      madeUp: (day: string) => `补${Number(day.slice(5, 7))}/${Number(day.slice(8))}`,
      missed: "未开",
      open: (day: string, span: number) => (span > 1 ? `${monthDay(day)}前` : "待办"),
      tally: "完成 / 应做",
      states: { done: "按期", late: "补开", missed: "未开", now: "进行中", future: "未到期", none: "没有此项" },
    },
  },
  {
    summary: (week: number, overdue: number) =>
      week === 0 && overdue === 0 ? "Nothing is due within 7 days." : `${week} due within 7 days, ${overdue} overdue.`,
    todayMeeting: (time: string, title: string, place: string) =>
      `Today ${time} ${title}${place ? `, ${place}` : ""}. `,
    todayMeetings: (n: number) => `${n} meetings today. `,
    newMeeting: "New meeting",
    todos: "To do",
    items: (n: number) => `${n} items`,
    groups: { overdue: "Overdue", week: "Within 7 days", later: "Later" },
    kinds: { meeting_minutes: "Meeting", meeting_draft: "Meeting", duty: "Meeting", branch: "Branch" },
    otherKind: "Task",
    nothing: "Nothing to do",
    nothingHow: "New tasks will appear here.",
    handle: "Do it",
    look: "Look",
    hold: (kind: string, period: string) => `Hold the ${kind} of ${period}`,
    holdHow: (due: string) => `Due by ${due}`,
    makeUpHow: (due: string) => `Was due by ${due}; hold it and say why it is late`,
    behind: (org: string) => `${org} has missed meetings`,
    behindHow: (n: number) => `${n} this year`,
    left: (days: number) => (days === 0 ? "Due today" : `${days} days left`),
    late: (days: number) => `${days} days late`,
    meetings: "Coming meetings",
    noMeetings: "No published meetings within two weeks.",
    overview: "Overview",
    overviewOf: {
      member: "Members",
      activist: "Activists",
      development_target: "Development targets",
      applicant: "Applicants",
    },
    membersOf: (full: number, probationary: number) => `Members: ${full} full, ${probationary} probationary`,
    people: "",
    toMembers: "Members",
    period: (key: string) => key,
    gridTitle: "Organisation life",
    gridOf: (year: number) => `${year}, meetings owed by rule`,
    monthly: "monthly",
    quarterly: "quarterly",
    noDuties: "No duties are recorded for this year.",
    grid: {
      caption: "Duties by month",
      month: (month: number) => months[month - 1] ?? "",
      day: (day: string, span: number) => (span > 1 ? english(day) : String(Number(day.slice(8)))),
      madeUp: (day: string) => `late ${english(day)}`,
      missed: "missed",
      open: (day: string, span: number) => (span > 1 ? `by ${english(day)}` : "open"),
      tally: "Done / due",
      states: {
        done: "In time",
        late: "Made up",
        missed: "Missed",
        now: "Under way",
        future: "Not due yet",
        none: "None",
      },
    },
  },
);
