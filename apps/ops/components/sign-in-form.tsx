"use client";

import { Icon } from "@xianfeng/ui/icon";
import { signInWords, useWords } from "@xianfeng/ui/messages";
import { Button, Input } from "antd";
import { type FormEvent, useId, useState } from "react";
import { postJson, textOf } from "@/lib/post-json.ts";
import { SignInWait } from "./sign-in-wait.tsx";

export type SignedIn = { mustChangePassword: boolean; principalId: string };

/** User name and password; while the account has to wait, the time that is left. */
export function SignInForm({ onDone }: { onDone: (result: SignedIn) => void }) {
  const words = useWords(signInWords);
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const [wait, setWait] = useState<{ endsAt: number; length: number } | null>(null);
  const id = useId();

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (busy) return;
    const missing = username.trim() === "" ? words.askName : password === "" ? words.askPassword : "";
    setProblem(missing);
    if (missing) return;
    setBusy(true);
    try {
      const { status, body, serverNow } = await postJson("/api/auth/sign-in", { username, password });
      if (status === 200) {
        onDone({ mustChangePassword: body.mustChangePassword === true, principalId: textOf(body.principalId) });
        return;
      }
      setPassword("");
      setProblem(textOf(body.message));
      const until = Date.parse(textOf(body.waitUntil));
      if (!Number.isNaN(until)) setWait({ endsAt: Date.now() + until - serverNow, length: until - serverNow });
    } catch {
      setProblem(words.offline);
    } finally {
      setBusy(false);
    }
  }

  if (wait)
    return (
      <SignInWait
        {...wait}
        onOver={() => {
          setWait(null);
          setProblem("");
        }}
        onOther={() => {
          setWait(null);
          setProblem("");
          setUsername("");
        }}
      />
    );
  return (
    <form onSubmit={submit} noValidate className="sign-in-form">
      <label htmlFor={`${id}-name`}>{words.username}</label>
      <Input
        id={`${id}-name`}
        size="large"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={64}
        value={username}
        onChange={(event) => setUsername(event.target.value)}
        aria-describedby={problem ? `${id}-problem` : undefined}
      />
      <div className="sign-in-label">
        <label htmlFor={`${id}-password`}>{words.password}</label>
        <button type="button" className="link-button" aria-pressed={shown} onClick={() => setShown(!shown)}>
          {shown ? words.hide : words.show}
        </button>
      </div>
      <Input
        id={`${id}-password`}
        size="large"
        type={shown ? "text" : "password"}
        autoComplete="current-password"
        status={problem ? "error" : ""}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        aria-describedby={problem ? `${id}-problem` : undefined}
      />
      {problem ? (
        <p className="sign-in-problem" role="alert" id={`${id}-problem`}>
          <Icon name="warning" size={15} />
          <span>{problem}</span>
        </p>
      ) : null}
      <Button type="primary" htmlType="submit" block loading={busy} className="sign-in-submit">
        {busy ? words.submitting : words.submit}
      </Button>
    </form>
  );
}
