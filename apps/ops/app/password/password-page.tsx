"use client";

import { Icon, Logo } from "@xianfeng/ui/icon";
import { shellWords, signInWords, useWords } from "@xianfeng/ui/messages";
import { App, Button, Input } from "antd";
import { type FormEvent, useState } from "react";
import { postJson, textOf } from "@/lib/post-json.ts";

/** Changes the own password. With an initial password there is nothing else one can do but sign out. */
export function PasswordPage({ forced, name }: { forced: boolean; name: string }) {
  const words = useWords(signInWords);
  const shell = useWords(shellWords);
  const { message } = App.useApp();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (busy) return;
    if (next !== again) {
      setProblem(words.change.differ);
      return;
    }
    setBusy(true);
    try {
      const { status, body } = await postJson("/api/auth/password", { current, next });
      if (status !== 200) {
        setProblem(textOf(body.message));
        return;
      }
      setProblem("");
      await message.success(words.change.done, 1.2);
      window.location.assign("/");
    } catch {
      setProblem(words.offline);
    } finally {
      setBusy(false);
    }
  }

  const fields: Array<{ id: string; title: string; value: string; set: (value: string) => void; fill: string }> = [
    { id: "current", title: words.change.current, value: current, set: setCurrent, fill: "current-password" },
    { id: "next", title: words.change.next, value: next, set: setNext, fill: "new-password" },
    { id: "again", title: words.change.again, value: again, set: setAgain, fill: "new-password" },
  ];
  return (
    <main className="lone-card">
      <div className="lone-brand">
        <Logo />
        {shell.product}
        <span>{name}</span>
      </div>
      <h1>{words.change.title}</h1>
      {forced ? <p className="lone-note">{words.change.forced}</p> : null}
      <form onSubmit={submit} noValidate className="sign-in-form">
        {fields.map((field) => (
          <div key={field.id} className="lone-field">
            <label htmlFor={field.id}>{field.title}</label>
            <Input.Password
              id={field.id}
              size="large"
              autoComplete={field.fill}
              value={field.value}
              onChange={(event) => field.set(event.target.value)}
              aria-describedby={field.id === "next" ? "rule" : undefined}
            />
            {field.id === "next" ? <small id="rule">{words.change.rule}</small> : null}
          </div>
        ))}
        {problem ? (
          <p className="sign-in-problem" role="alert">
            <Icon name="warning" size={15} />
            <span>{problem}</span>
          </p>
        ) : null}
        <Button type="primary" htmlType="submit" block loading={busy} className="sign-in-submit">
          {words.change.submit}
        </Button>
      </form>
      {forced ? (
        <button
          type="button"
          className="link-button"
          onClick={() =>
            postJson("/api/auth/sign-out", {})
              .catch(() => undefined)
              .then(() => window.location.assign("/sign-in"))
          }
        >
          {words.change.signOut}
        </button>
      ) : (
        <a href="/">{words.change.back}</a>
      )}
    </main>
  );
}
