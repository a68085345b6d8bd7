"use client";

import { Icon } from "@xianfeng/ui/icon";
import { signInWords, useWords } from "@xianfeng/ui/messages";
import { useEffect, useState } from "react";

const two = (value: number) => String(value).padStart(2, "0");
const clock = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Asia/Shanghai",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

/** The wait after wrong passwords, counted down. `endsAt` and `length` in milliseconds on this computer's clock. */
export function SignInWait({
  endsAt,
  length,
  onOver,
  onOther,
}: {
  endsAt: number;
  length: number;
  onOver: () => void;
  onOther: () => void;
}) {
  const words = useWords(signInWords).wait;
  const [left, setLeft] = useState(() => Math.max(0, endsAt - Date.now()));
  useEffect(() => {
    const timer = setInterval(() => {
      const now = Math.max(0, endsAt - Date.now());
      setLeft(now);
      if (now === 0) onOver();
    }, 250);
    return () => clearInterval(timer);
  }, [endsAt, onOver]);
  const seconds = Math.ceil(left / 1000);
  return (
    <div className="sign-in-wait">
      <h2>{words.title}</h2>
      <p>{words.how}</p>
      <div role="timer" className="sign-in-clock">
        <b>
          {two(Math.floor(seconds / 60))}:{two(seconds % 60)}
        </b>
        <span>{words.until(clock.format(endsAt))}</span>
        <div className="sign-in-bar">
          <i style={{ width: `${length > 0 ? (left / length) * 100 : 0}%` }} />
        </div>
      </div>
      <ul>
        <li>
          <Icon name="person" size={17} />
          <span>{words.forgotten}</span>
        </li>
        <li>
          <Icon name="warning" size={17} />
          <span>{words.notYou}</span>
        </li>
        <li>
          <Icon name="transfer" size={17} />
          <button type="button" className="link-button" onClick={onOther}>
            {words.other}
          </button>
        </li>
      </ul>
    </div>
  );
}
