/** Line icons, 24 × 24, drawn with strokes in the colour of the text. */
const paths = {
  home: "M3 10.5 12 3l9 7.5V20a1 1 0 0 1-1 1h-5v-6H9v6H4a1 1 0 0 1-1-1z",
  org: "M12 3v5M12 8H6v4M12 8h6v4M4 12h4v4H4zM16 12h4v4h-4zM10 3h4v3h-4zM6 16v4M18 16v4",
  people:
    "M16 19v-1.5a3.5 3.5 0 0 0-3.5-3.5h-5A3.5 3.5 0 0 0 4 17.5V19M10 10.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M20 19v-1.5a3.5 3.5 0 0 0-2.6-3.4M15.5 3.7a3.5 3.5 0 0 1 0 6.7",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M4.5 20.5a7.5 7.5 0 0 1 15 0",
  calendar: "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4",
  chart: "M4 20V4M4 20h16M8.5 16v-5M13 16V7M17.5 16v-8",
  sheet: "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
  task: "M5 4h14v17H5zM9 3h6v3H9zM9 11h6M9 15h4",
  transfer: "M7 4v14M7 18l-3-3M7 18l3-3M17 20V6M17 6l-3 3M17 6l3 3",
  search: "M11 17a6 6 0 1 0 0-12 6 6 0 0 0 0 12M15.5 15.5 20 20",
  plus: "M12 5v14M5 12h14",
  edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  down: "m6 9 6 6 6-6",
  right: "m9 6 6 6-6 6",
  left: "m15 6-6 6 6 6",
  close: "M6 6l12 12M18 6 6 18",
  menu: "M4 7h16M4 12h16M4 17h16",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  gauge: "M4.5 18a9 9 0 1 1 15 0M12 13l4-4.5M12 14.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3",
  warning: "M12 4 2.8 20h18.4zM12 10v4.5M12 17.3v.2",
  info: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M12 11v5M12 7.8v.2",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M12 7v5l3.5 2",
  message: "M4 5h16v11H10l-4 4v-4H4z",
  upload: "M12 16V4M12 4 8 8M12 4l4 4M5 14v6h14v-6",
  check: "m5 12.5 4.5 4.5L19 7.5",
  phone: "M7 3h10v18H7zM11 18h2",
  code: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h3v3h-3zM20 14v0M20 20v-3M17 20v0",
} as const;

export type IconName = keyof typeof paths;

/** Decorative: the words beside it carry the meaning, so it is hidden from screen readers. */
export const Icon = ({ name, size = 16 }: { name: IconName; size?: number }) => (
  <svg
    aria-hidden="true"
    width={size}
    height={size}
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    strokeWidth={size > 18 ? 1.5 : 1.8}
    strokeLinecap="round"
    strokeLinejoin="round"
    style={{ flex: "none", display: "block" }}
  >
    <path d={paths[name]} />
  </svg>
);

/** A pennant on a red square. The official emblem is not shipped; a customer may load it into this place. */
export const Logo = ({ size = 26 }: { size?: number }) => (
  <svg width={size} height={size} viewBox="0 0 26 26" aria-hidden="true" style={{ flex: "none", display: "block" }}>
    <rect width="26" height="26" rx="5" fill="#BE1A20" />
    <path
      d="M8 21V5.5h11l-3.2 4 3.2 4H8"
      fill="none"
      stroke="#fff"
      strokeWidth="2"
      strokeLinejoin="round"
      strokeLinecap="round"
    />
  </svg>
);
