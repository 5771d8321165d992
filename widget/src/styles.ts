import { css } from "lit";

const dark = css`
  --back: #172022;
  --soft: #263235;
  --text: #eef4f5;
  --quiet: #b9c6c9;
  --edge: #8fa1a5;
  --warn: #ffb4ab;
  --link: #8fdce8;
`;

export const styles = css`
  :host {
    --accent: var(--clinic-chat-colour, #0b5f6b);
    --on-accent: var(--clinic-chat-on-colour, #fff);
    --back: #fff;
    --soft: #eef3f4;
    --text: #1a2527;
    --quiet: #4c5b5e;
    --edge: #73858a;
    --warn: #8a1c1c;
    --link: #0a5560;
    color: var(--text);
    display: block;
    font: 400 1rem/1.45 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif;
    text-align: start;
  }
  :host([theme="dark"]) {
    ${dark}
  }
  @media (prefers-color-scheme: dark) {
    :host([theme="auto"]) {
      ${dark}
    }
  }
  * {
    box-sizing: border-box;
  }
  .panel {
    background: var(--back);
    border: 1px solid var(--edge);
    border-radius: 14px;
    box-shadow: 0 8px 30px rgb(0 0 0 / 0.25);
    display: flex;
    flex-direction: column;
    outline: none;
    overflow: hidden;
    width: min(24rem, calc(100vw - 2rem));
    height: min(44rem, calc(100dvh - 2rem));
  }
  :host([full]) .panel {
    border: 0;
    border-radius: 0;
    inset: 0 0 auto 0;
    height: var(--clinic-chat-height, 100dvh);
    position: fixed;
    width: 100%;
  }
  .head {
    align-items: center;
    background: var(--accent);
    color: var(--on-accent);
    display: flex;
    flex: none;
    gap: 0.25rem;
    padding: 0.25rem 0.25rem 0.25rem 1rem;
    padding-inline: 1rem 0.25rem;
  }
  h2 {
    flex: 1;
    font-size: 1rem;
    line-height: 1.25;
    margin: 0;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  button {
    background: none;
    border: 1px solid transparent;
    border-radius: 10px;
    color: inherit;
    cursor: pointer;
    font: inherit;
    min-height: 44px;
    min-width: 44px;
    padding: 0.4rem 0.7rem;
  }
  :focus-visible {
    outline: 3px solid var(--link);
    outline-offset: 2px;
  }
  .head :focus-visible {
    outline-color: var(--on-accent);
    outline-offset: -4px;
  }
  svg {
    display: block;
    fill: none;
    height: 22px;
    margin: auto;
    stroke: currentColor;
    stroke-linecap: round;
    stroke-linejoin: round;
    stroke-width: 2;
    width: 22px;
  }
  .emergency {
    border-block-end: 1px solid var(--edge);
    flex: none;
    font-size: 0.9rem;
    margin: 0;
    padding: 0.6rem 1rem;
  }
  .emergency a {
    display: inline-block;
    margin: -0.8rem -8px;
    min-width: 44px;
    padding-block: 0.8rem;
    text-align: center;
  }
  a {
    color: var(--link);
    overflow-wrap: anywhere;
  }
  .banner {
    background: var(--soft);
    border-block-end: 1px solid var(--edge);
    flex: none;
    font-size: 0.9rem;
    margin: 0;
    padding: 0.5rem 1rem;
  }
  .menu {
    border-block-end: 1px solid var(--edge);
    display: flex;
    flex: none;
    flex-direction: column;
    padding: 0.25rem 0.5rem;
  }
  .menu button {
    text-align: start;
  }
  .menu p {
    margin: 0.5rem 0.7rem;
  }
  .log {
    flex: 1;
    min-height: 3rem;
    overflow-y: auto;
    overscroll-behavior: contain;
    padding: 0.75rem 1rem;
  }
  .log:focus-visible {
    outline-offset: -4px;
  }
  .message {
    margin-block-end: 0.75rem;
    max-width: 88%;
    width: fit-content;
  }
  .text {
    background: var(--soft);
    border-radius: 12px;
    margin: 0;
    overflow-wrap: anywhere;
    padding: 0.55rem 0.8rem;
    white-space: pre-line;
  }
  .visitor {
    margin-inline-start: auto;
  }
  .visitor .text {
    background: var(--accent);
    color: var(--on-accent);
  }
  .urgent .text {
    background: var(--back);
    border: 2px solid var(--warn);
    font-weight: 600;
  }
  .note {
    color: var(--quiet);
    font-size: 0.85rem;
    margin: 0.2rem 0 0;
    text-align: end;
  }
  .problem {
    color: var(--warn);
  }
  .replies {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    margin-block-start: 0.5rem;
  }
  .replies button,
  .retry,
  .confirm {
    border-color: var(--edge);
    color: var(--link);
    text-align: start;
  }
  .replies [aria-disabled="true"] {
    border-style: dashed;
    color: var(--quiet);
    cursor: default;
  }
  details {
    color: var(--quiet);
    font-size: 0.9rem;
  }
  summary {
    align-content: center;
    cursor: pointer;
    min-height: 44px;
    width: fit-content;
  }
  details ol {
    margin: 0;
    padding-inline-start: 1.5rem;
  }
  details a {
    display: inline-block;
    padding-block: 0.6rem;
  }
  .new {
    align-self: flex-end;
    background: var(--accent);
    border-radius: 22px;
    color: var(--on-accent);
    flex: none;
    margin: -52px 12px 8px;
    position: relative;
  }
  .status {
    color: var(--quiet);
    flex: none;
    font-size: 0.85rem;
    margin: 0;
    min-height: 1.6rem;
    padding-inline: 1rem;
  }
  form {
    align-items: end;
    border-block-start: 1px solid var(--edge);
    display: flex;
    flex: none;
    gap: 0.5rem;
    padding: 0.6rem;
  }
  textarea {
    background: var(--back);
    border: 1px solid var(--edge);
    border-radius: 10px;
    color: inherit;
    field-sizing: content;
    flex: 1;
    font: inherit;
    max-height: 8rem;
    min-height: 46px;
    min-width: 0;
    padding: 0.6rem 0.7rem;
    resize: none;
  }
  .send {
    background: var(--accent);
    color: var(--on-accent);
    flex: none;
  }
  .hidden {
    clip-path: inset(50%);
    height: 1px;
    margin: -1px;
    overflow: hidden;
    position: absolute;
    white-space: nowrap;
    width: 1px;
  }
  @media (forced-colors: active) {
    .text,
    .send,
    .new,
    .head button,
    .launcher {
      border: 1px solid ButtonText;
    }
  }
  @media (prefers-reduced-motion: no-preference) {
    .message {
      animation: in 0.15s ease-out;
    }
    @keyframes in {
      from {
        opacity: 0;
        transform: translateY(4px);
      }
    }
  }
  @media (max-height: 22rem) {
    h2 {
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    .head {
      padding-block: 0;
    }
    .emergency,
    .banner {
      font-size: 0.8rem;
      line-height: 1.25;
      padding-block: 0.3rem;
    }
    .status {
      min-height: 0;
    }
    form {
      padding-block: 0.25rem;
    }
  }
`;
