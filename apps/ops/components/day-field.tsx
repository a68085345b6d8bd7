"use client";

import { DatePicker } from "antd";
import dayjs from "dayjs";

/** A day as YYYY-MM-DD, typed or picked. The picker's own date never leaves this component: it is a local midnight. */
export function DayField({
  value,
  onChange,
  max,
  min,
  allowClear = false,
  id,
  size,
  label,
}: {
  value?: string | null;
  onChange?: (day: string | null) => void;
  max?: string;
  min?: string;
  allowClear?: boolean;
  id?: string;
  size?: "small" | "middle" | "large";
  label?: string;
}) {
  return (
    <DatePicker
      {...(id ? { id } : {})}
      {...(size ? { size } : {})}
      aria-label={label}
      value={value ? dayjs(value) : null}
      onChange={(picked) => onChange?.(picked ? picked.format("YYYY-MM-DD") : null)}
      format={["YYYY-MM-DD", "YYYY-M-D", "YYYY.M.D", "YYYY/M/D", "YYYYMMDD", "YYYY年M月D日"]}
      {...(max ? { maxDate: dayjs(max) } : {})}
      {...(min ? { minDate: dayjs(min) } : {})}
      allowClear={allowClear}
      style={{ width: "100%" }}
    />
  );
}
