"use client";

import { Logo } from "@xianfeng/ui/icon";
import { shellWords, signInWords, useWords } from "@xianfeng/ui/messages";
import { useEffect, useState } from "react";
import { SignInForm } from "@/components/sign-in-form.tsx";
import type { DemoAccount } from "@/lib/demo-accounts.ts";
import { forgetMe } from "@/lib/kept-scans.ts";
import { postJson, textOf } from "@/lib/post-json.ts";
import "./sign-in.css";

/** Left: whose platform this is. Right: the form, and the demo accounts where there are any. */
export function SignInPage({ next, organisation, demo }: { next: string; organisation: string; demo: DemoAccount[] }) {
  const words = useWords(signInWords);
  const shell = useWords(shellWords);
  const [problem, setProblem] = useState("");
  // Nobody is signed in here: a code that this phone scans without a network is nobody's.
  useEffect(() => void forgetMe(), []);
  // A whole page load: nothing of the page before sign-in, nor of an earlier account, stays in memory.
  const enter = (mustChangePassword: boolean) => window.location.assign(mustChangePassword ? "/password" : next);

  async function enterAs({ username, password }: DemoAccount) {
    const { status, body } = await postJson("/api/auth/sign-in", { username, password });
    if (status === 200) enter(body.mustChangePassword === true);
    else setProblem(textOf(body.message));
  }

  return (
    <div className="sign-in">
      <section className="sign-in-left">
        <div className="sign-in-brand">
          <Logo size={32} />
          {shell.product}
        </div>
        <h1>
          {organisation ? (
            <>
              {organisation}
              <br />
            </>
          ) : null}
          {words.platform}
        </h1>
        <div className="sign-in-rule" />
        <p>{words.about}</p>
      </section>
      <main className="sign-in-right">
        <section className="sign-in-card">
          <h2>{words.title}</h2>
          <p className="sign-in-with">{words.with}</p>
          <SignInForm onDone={({ mustChangePassword }) => enter(mustChangePassword)} />
        </section>
        {demo.length > 0 ? (
          <section className="sign-in-demo">
            <h3>
              {words.demo.title}
              <span>{words.demo.tag}</span>
            </h3>
            <ul>
              {demo.map((account) => (
                <li key={account.username}>
                  <button type="button" onClick={() => enterAs(account)}>
                    {account.name}
                    <span>{account.title}</span>
                  </button>
                </li>
              ))}
            </ul>
            {problem ? <p role="alert">{problem}</p> : null}
            <p>{words.demo.how}</p>
          </section>
        ) : null}
      </main>
    </div>
  );
}
